"""`hark import`: the past of a brand, from a file into the intake log, so that it goes the way of every other message.

The source's own ids make it repeatable: a second run imports nothing twice. How far a run came is stored with each batch,
in one commit, so that one that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from hark.brands.models import Brand

from . import intake
from .base import Envelope
from .models import Account
from .networks.archive import lines
from .networks.archive.columns import BadLine, Columns, guess, is_wanted, to_line
from .networks.archive.sources import NotASource, Row, Source

__all__ = ["Columns", "NotASource", "Report", "Source", "account_for", "check", "guess", "run"]

BATCH = 1000


@dataclass
class Report:
    """What became of the lines. `read` = `new` + `known` + `bad` + `left_out` (by --where)."""

    read: int = 0
    new: int = 0
    known: int = 0
    bad: int = 0
    left_out: int = 0
    resumed_at: int = 0  # lines that an earlier run, stopped on the way, had done
    bad_file: Path | None = None
    first_problems: tuple[str, ...] = ()  # a few, with their line numbers

    def note(self, row: Row, problem: str) -> None:
        self.bad += 1
        if len(self.first_problems) < 5:
            self.first_problems += (f"line {row.line}: {problem}",)


OnProgress = Callable[[Source, Report], None]


def account_for(brand: Brand, name: str) -> Account:
    """The archive of this name; made when there is none."""
    identity = slugify(name, allow_unicode=True)[:200] or "archive"
    account, _ = Account.objects.get_or_create(
        brand=brand,
        channel="archive",
        external_id=identity,
        defaults={"handle": name[:200], "name": name[:120]},
    )
    return account


def check(source: Source, columns: Columns, *, on_progress: OnProgress | None = None) -> Report:
    """What an import would read, without storing anything (`--dry-run`). `new` counts all good lines."""
    report = Report()
    for row in source.rows():
        if _envelope(row, columns, report, None) is not None:
            report.new += 1
        if on_progress and report.read % BATCH == 0:
            on_progress(source, report)
    return report


def run(
    source: Source, columns: Columns, account: Account, *, on_progress: OnProgress | None = None
) -> Report:
    """Import all rows of an opened source. Raises NotASource where the file breaks off: what came before is stored."""
    print_ = _fingerprint(source, columns)
    report, bad_bytes = _resume(account, print_)
    report.bad_file = _bad_file(account, source)
    report.bad_file.parent.mkdir(parents=True, exist_ok=True)
    with report.bad_file.open("ab") as bad:
        bad.truncate(bad_bytes)
        bad.seek(0, 2)
        try:
            _read_on(source, columns, account, report, bad, print_, on_progress)
        finally:
            bad.flush()
    if not report.bad:
        report.bad_file.unlink()
        report.bad_file = None
    return report


def _read_on(
    source: Source,
    columns: Columns,
    account: Account,
    report: Report,
    bad: IO[bytes],
    print_: str,
    on_progress: OnProgress | None,
) -> None:
    rows = source.rows()
    for _ in range(report.resumed_at):
        next(rows, None)
    waiting: list[Envelope] = []
    try:
        for row in rows:
            envelope = _envelope(row, columns, report, bad)
            if envelope is not None:
                waiting.append(envelope)
            if len(waiting) >= BATCH:
                _store(account, waiting, report, bad, print_)
                waiting = []
                if on_progress:
                    on_progress(source, report)
    except NotASource:
        _store(account, waiting, report, bad, print_)
        raise
    _store(account, waiting, report, bad, print_, done=True)
    if on_progress:
        on_progress(source, report)


def _envelope(row: Row, columns: Columns, report: Report, bad: IO[bytes] | None) -> Envelope | None:
    report.read += 1
    problem, line = row.problem, None
    if row.values is not None:
        if not is_wanted(row.values, columns):
            report.left_out += 1
            return None
        try:
            line = to_line(row.values, columns)
        except BadLine as why:
            problem = str(why)
    if line is not None:
        return Envelope(line.id, lines.encode(line))
    report.note(row, problem)
    if bad is not None:
        kept = {"line": row.line, "problem": problem, "raw": row.raw or row.values}
        bad.write(msgspec.json.encode(_storable(kept)) + b"\n")
    return None


def _store(
    account: Account,
    envelopes: list[Envelope],
    report: Report,
    bad: IO[bytes],
    print_: str,
    *,
    done: bool = False,
) -> None:
    """A batch and how far we are, in one commit."""
    bad.flush()
    with transaction.atomic():
        held = Account.objects.select_for_update().get(pk=account.pk)
        new = intake.append(held, envelopes, is_history=True)
        report.new += new
        report.known += len(envelopes) - new
        state = {**asdict(report), "bad_file": "", "bad_bytes": bad.tell(), "done": done}
        held.cursor = {**held.cursor, "imports": {**held.cursor.get("imports", {}), print_: state}}
        held.save(update_fields=["cursor"])


def _resume(account: Account, print_: str) -> tuple[Report, int]:
    """Where a run of the same file with the same columns was stopped; from the start if it was not."""
    state: dict[str, Any] = Account.objects.get(pk=account.pk).cursor.get("imports", {}).get(print_, {})
    if not state or state["done"]:
        return Report(), 0
    counts = {name: state[name] for name in ("read", "new", "known", "bad", "left_out")}
    return Report(**counts, resumed_at=state["read"], first_problems=tuple(state["first_problems"])), state[
        "bad_bytes"
    ]


def _fingerprint(source: Source, columns: Columns) -> str:
    with source.path.open("rb") as file:
        start = file.read(65_536)
    return hashlib.sha256(b"%d\0%s\0%s" % (source.size_bytes, repr(columns).encode(), start)).hexdigest()[:16]


def _bad_file(account: Account, source: Source) -> Path:
    return Path(settings.HARK_DATA) / "imports" / f"{account.pk}-{source.path.name}.bad.ndjson"


def _storable(kept: dict[str, Any]) -> dict[str, Any]:
    """Bytes that were no text are shown as the escapes that Python gives them."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return value.encode("utf-8", "backslashreplace").decode()
        if isinstance(value, dict):
            return {clean(key): clean(inner) for key, inner in value.items()}
        return value

    return {key: clean(value) for key, value in kept.items()}
