"""`hark doctor`: one small check each, and what to do about what it found."""

import os
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from hark.ops import django_setup, keys, postgres
from hark.ops.environment import Environment
from hark.ops.errors import OpsError

LOW_DISK_BYTES, NO_DISK_BYTES = 2 * 1024**3, 200 * 1024**2
LOW_MEMORY_BYTES = 200 * 1024**2
CERTIFICATE_DAYS = 14
CLOCK_SECONDS = 2.0
LATE_BACKUP = timedelta(hours=1)
LATE_PROOF = timedelta(days=30)
LATE = timedelta(minutes=2)  # a delivery waits milliseconds when all is well


@dataclass(frozen=True)
class Finding:
    about: str
    state: Literal["ok", "warning", "broken"]
    text: str
    remedy: str = ""


def examine(env: Environment) -> list[Finding]:
    """Every finding, good ones included. Never raises: what can't be examined is itself a finding."""
    found = [finding for check in WITHOUT_DATABASE for finding in check(env)]
    answer = _reach_database(env)
    found.append(answer)
    if answer.state == "broken":
        return found
    return found + _with_database(env, WITH_DATABASE)


def look(env: Environment) -> list[Finding]:
    """The findings that take milliseconds, for a page of a running Hark."""
    return [finding for check in AT_ONCE for finding in check(env)] + _with_database(env, WHILE_RUNNING)


def _with_database(env: Environment, checks: "tuple[Check, ...]") -> list[Finding]:
    found: list[Finding] = []
    for check in checks:
        try:
            found += list(check(env))
        except Exception as error:  # a half-migrated database must not hide the other findings
            found.append(Finding(check.__name__.replace("_", " "), "broken", f"can't be examined: {error}"))
    return found


def disk(env: Environment) -> Iterator[Finding]:
    home = env.data if env.data.exists() else env.data.parent
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        yield Finding("disk", "broken", f"{home}: {error.strerror}", "HARK_DATA names another folder.")
        return
    text = f"{free / 1e9:.1f} GB free for {env.data}"
    if free < NO_DISK_BYTES:
        yield Finding("disk", "broken", text, "Make room now: without it nothing more can be taken in.")
    elif free < LOW_DISK_BYTES:
        yield Finding("disk", "warning", text, "Make room, or move HARK_DATA to a larger disk.")
    else:
        yield Finding("disk", "ok", text)


def key_files(env: Environment) -> Iterator[Finding]:
    try:
        keys.load(env)
        open_ones = keys.too_open(env)
    except OpsError as error:
        yield Finding("keys", "broken", str(error), "Put the keys folder back from your copy.")
        return
    if open_ones:
        names = " ".join(str(path) for path in open_ones)
        yield Finding("keys", "warning", f"others on this machine can read {names}", f"chmod go= {names}")
    else:
        yield Finding("keys", "ok", f"readable to their owner alone, in {env.keys}")


def memory(env: Environment) -> Iterator[Finding]:
    """What the machine has left, by the kernel's own estimate (Linux alone says it)."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free, whole = (int(lines[name].split()[0]) * 1024 for name in ("MemAvailable", "MemTotal"))
    except (OSError, KeyError, ValueError):
        return
    text = f"{free / 1e9:.1f} GB of {whole / 1e9:.1f} GB free"
    if free < LOW_MEMORY_BYTES:
        yield Finding("memory", "warning", text, "End what else runs here, or give the machine more.")
    else:
        yield Finding("memory", "ok", text)


def certificate(env: Environment) -> Iterator[Finding]:
    """When the certificate of the public address ends, as a browser would see it."""
    address = urlsplit(env.public_url)
    if address.scheme != "https" or not address.hostname:
        return
    try:
        ends = _certificate_ends(address.hostname, address.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield Finding(
            "certificate",
            "broken",
            f"{address.hostname}: {error.verify_message}",
            "Renew it where TLS ends (the proxy).",
        )
        return
    except OSError as error:
        text = f"{env.public_url} can't be reached from here: {error}"
        yield Finding("certificate", "warning", text, "Is the proxy up, and does the name lead to it?")
        return
    days = (ends - datetime.now(UTC)).days
    text = f"that of {address.hostname} is good for {days} more days"
    if days < CERTIFICATE_DAYS:
        yield Finding("certificate", "warning", text, "Renew it, and see why it wasn't renewed by itself.")
    else:
        yield Finding("certificate", "ok", text)


def _certificate_ends(host: str, port: int) -> datetime:
    """Raises SSLCertVerificationError for one that browsers refuse, OSError when nobody answers."""
    context = ssl.create_default_context(cafile=os.environ.get("HARK_CA_FILE") or None)
    with (
        socket.create_connection((host, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _reach_database(env: Environment) -> Finding:
    import psycopg

    try:
        if not env.database_url and not postgres.is_running(env):
            return Finding("database", "broken", "PostgreSQL isn't running", "hark up, or hark db start")
        with psycopg.connect(postgres.dsn(env), connect_timeout=5) as connection:
            version = connection.info.server_version
    except (psycopg.OperationalError, OpsError) as error:
        reason = str(error).strip().splitlines()[0]
        return Finding("database", "broken", reason, "Is the server up, and HARK_DATABASE_URL right?")
    django_setup.load()
    if version < 150000:
        return Finding(
            "database",
            "broken",
            f"PostgreSQL {version // 10000} is too old",
            "Hark needs 15 or newer.",
        )
    return Finding("database", "ok", f"PostgreSQL {version // 10000}.{version % 10000} answers")


def migrations(env: Environment) -> Iterator[Finding]:
    from hark.ops import health

    if newer := health.unknown():
        yield Finding(
            "migrations", "broken", f"the database is newer than the code ({newer[-1]})", "Update the code."
        )
    elif pending := health.pending():
        yield Finding(
            "migrations", "broken", f"{len(pending)} are missing, first {pending[0]}", "hark migrate"
        )
    else:
        yield Finding("migrations", "ok", "all applied")


def clock(env: Environment) -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        apart = theirs - (before + time.time()) / 2
    if abs(apart) > CLOCK_SECONDS:
        text = f"the database's clock is {apart:+.1f} s from this machine's"
        yield Finding(
            "clock", "warning", text, "Let both follow the same time server: targets are measured by them."
        )
    else:
        yield Finding("clock", "ok", f"{abs(apart) * 1000:.0f} ms from the database's")


def arrivals(env: Environment) -> Iterator[Finding]:
    from django.db.models import Count, Min
    from django.utils import timezone

    from hark.channels.models import Delivery

    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("received_at"))
    age = timezone.now() - found["oldest"] if found["oldest"] else timedelta()
    text = f"{found['count']} deliveries wait, the oldest for {age.total_seconds():.0f} s"
    if age > LATE:
        yield Finding(
            "arrivals", "broken", text, "The worker isn't keeping up or isn't running: hark run worker"
        )
    else:
        yield Finding("arrivals", "ok", text)
    if unreadable := Delivery.objects.filter(state=Delivery.State.UNREADABLE).count():
        text = f"{unreadable} deliveries can't be read; they are kept"
        yield Finding("arrivals", "warning", text, "See Settings → Channel health; replay them after a fix.")


def outbox(env: Environment) -> Iterator[Finding]:
    from django.db.models import Count
    from django.utils import timezone

    from hark.replies.models import Reply

    late = Reply.objects.filter(
        state__in=["queued", "sending", "unsure"], due_at__lt=timezone.now() - LATE
    ).count()
    counts = dict(
        Reply.objects.filter(state__in=["queued", "sending", "unsure", "held"])
        .values_list("state")
        .annotate(Count("pk"))
        .order_by()
    )
    text = ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing waits to be sent"
    if late:
        yield Finding(
            "outbox", "broken", f"{text}; {late} overdue", "The worker isn't running: hark run worker"
        )
    elif counts.get("held"):
        yield Finding("outbox", "warning", text, "Held replies leave once their account is connected anew.")
    else:
        yield Finding("outbox", "ok", text)


def accounts(env: Environment) -> Iterator[Finding]:
    from django.utils import timezone

    from hark.channels.models import Account

    found = list(Account.objects.connected().of_people().select_related("brand").order_by("pk"))
    soon = timezone.now() + timedelta(days=7)
    sick = 0
    for account in found:
        name = f"account {account.handle} ({account.channel}, {account.brand.slug})"
        if account.health == Account.Health.RECONNECT:
            sick += 1
            yield Finding(
                name,
                "broken",
                account.last_error or "must be connected anew",
                "Settings → Accounts.",
            )
        elif account.health != Account.Health.GOOD:
            sick += 1
            yield Finding(name, "warning", account.last_error or account.gap or account.get_health_display())
        elif account.token_expires_at and account.token_expires_at < soon:
            sick += 1
            text = f"its access ends {account.token_expires_at:%Y-%m-%d}"
            yield Finding(name, "warning", text, "Settings → Accounts: connect anew before then.")
    if not sick:
        yield Finding("accounts", "ok", f"{len(found)} connected, all well")


def jobs(env: Environment) -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'failed'),"
            " count(*) FILTER (WHERE status = 'todo' AND scheduled_at IS NULL"
            "   AND (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id) < now() - interval '5 minutes')"
            " FROM procrastinate_jobs j WHERE status IN ('todo', 'failed')"
        )
        waiting, failed, late = cursor.fetchone()
    text = f"{waiting} wait, {failed} failed"
    if late:
        yield Finding("jobs", "broken", f"{text}, {late} for more than five minutes", "hark run jobs")
    elif failed:
        yield Finding("jobs", "warning", text, "Their reasons are in the log of the jobs process.")
    else:
        yield Finding("jobs", "ok", text)


def backups(env: Environment) -> Iterator[Finding]:
    from django.utils import timezone

    from hark.ops.backups import schedule, settings
    from hark.ops.models import BackupRun

    chosen = settings.read(env)
    tried = BackupRun.objects.order_by("-started_at")
    last, good = tried.first(), tried.filter(problem="").first()
    text = f"last good one {good.started_at:%Y-%m-%d %H:%M}Z, {good.place}" if good else "there is none yet"
    if last and last.problem:
        yield Finding(
            "backups", "broken", f"the last one failed: {last.problem} ({text})", "hark backup --verify"
        )
    elif chosen.every is None:
        yield Finding("backups", "ok", f"none by schedule (HARK_BACKUP_EVERY); {text}")
    elif timezone.now() > schedule.next_at(chosen.every) + max(chosen.every, LATE_BACKUP):
        yield Finding("backups", "broken", f"one is overdue; {text}", "hark run jobs, or hark backup")
    else:
        yield Finding("backups", "ok", text)
    proven = BackupRun.objects.filter(verified_at__isnull=False).order_by("-verified_at").first()
    proven_at = proven.verified_at if proven else None
    if good and chosen.every and (proven_at is None or proven_at < timezone.now() - LATE_PROOF):
        since = f"since {proven_at:%Y-%m-%d}" if proven_at else "yet"
        text = f"none has been proven by a restore {since}"
        yield Finding("backups", "warning", text, f"hark backups verify {good.place}")


def probe(env: Environment) -> Iterator[Finding]:
    """Whether a message still travels from the door to a screen. Nothing to say where no jobs process has ever run."""
    from django.utils import timezone

    from hark.ops.models import Probe

    last = Probe.objects.order_by("-at").first()
    if not env.probe_seconds or last is None:
        return
    age = (timezone.now() - last.at).total_seconds()
    if age > 2 * env.probe_seconds + LATE.total_seconds():
        text = f"the last one set out {age / 60:.0f} minutes ago"
        yield Finding("probe", "warning", text, "The jobs process sends them: hark run jobs")
    elif last.failure:
        remedy = "Do web and worker run? HARK_PROBE_URL names the web process."
        yield Finding("probe", "broken", f"the last one was lost: {last.failure}", remedy)
    elif last.seconds is not None:
        yield Finding("probe", "ok", f"from the door to a screen in {last.seconds * 1000:.0f} ms")


def scanner(env: Environment) -> Iterator[Finding]:
    """Who looks through the files of customers before they are kept."""
    from hark.secure import scanning

    if not env.scanner:
        yield Finding("scanner", "ok", "none: files of customers are checked, not scanned (HARK_SCANNER)")
        return
    try:
        there = scanning.answers()
    except scanning.Away as problem:
        there, why = False, f": {problem}"
    else:
        why = ""
    if there:
        yield Finding("scanner", "ok", f"{env.scanner} answers")
    else:
        remedy = "Start it, or take HARK_SCANNER away. Until then customers can send no files."
        yield Finding("scanner", "broken", f"{env.scanner} does not answer{why}", remedy)


Check = Callable[[Environment], Iterator[Finding]]
AT_ONCE: tuple[Check, ...] = (disk, key_files, memory)
WITHOUT_DATABASE: tuple[Check, ...] = (*AT_ONCE, certificate)
WHILE_RUNNING: tuple[Check, ...] = (clock, arrivals, outbox, accounts, jobs, backups, probe, scanner)
WITH_DATABASE: tuple[Check, ...] = (migrations, *WHILE_RUNNING)
