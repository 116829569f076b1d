"""Request Tracker 5 from Debian's packages: four preloaded Starman workers, REST 2.0. Installing it needs root and apt."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from ..load import timed
from ..posts import texts
from .peer import FILES, WORKERS, NotHere, Peer, Say

PACKAGES = ["request-tracker5", "rt5-db-postgresql", "rt5-standalone", "starman"]
QUESTIONS = ["dbconfig-install", "dbconfig-upgrade", "handle-siteconfig-permissions", "install-cronjobs"]
RIGHTS = """
my $everyone = RT::Group->new(RT->SystemUser); $everyone->LoadSystemInternalGroup("Everyone");
my $queue = RT::Queue->new(RT->SystemUser); $queue->Load("General");
$everyone->PrincipalObj->GrantRight(Right => $_, Object => $queue) for qw(CreateTicket ReplyToTicket);
"""
OPEN = "Status='new' OR Status='open'"
POLICY = Path("/usr/sbin/policy-rc.d")


class Tracker(Peer):
    name, database, table = "Request Tracker", "tracker", "tickets"
    indexed = False
    sessions: list[str]

    def prepare(self, say: Say, tickets: int, *, index: bool = False) -> None:
        self._install(say)
        if not self.cluster.has(self.database):
            self._make()
        seeded = int(self.cluster.one(self.database, "SELECT count(*) FROM tickets WHERE id < 10000000"))
        if seeded < tickets:
            say(f"{self.name}: seeding {tickets:,} tickets …")
            script = (FILES / "tracker_seed.sql").read_text().format(first=seeded + 1, last=tickets)
            with self.cluster.connect(self.database) as connection:
                connection.execute(script)
                connection.execute("VACUUM ANALYZE")
        if index:
            self._index(say)
        self.indexed = bool(self.cluster.one(self.database, "SELECT to_regclass('attachmentsindex')"))

    def _install(self, say: Say) -> None:
        if shutil.which("rt-setup-database-5") and shutil.which("starman"):
            return
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise NotHere("installing it needs root and Debian's packages")
        say(f"{self.name}: installing Debian's packages …")
        answers = "".join(f"request-tracker5 request-tracker5/{one} boolean false\n" for one in QUESTIONS)
        try:
            subprocess.run(["debconf-set-selections"], input=answers, text=True, check=True, timeout=60)
            with nothing_starts(), self.timing("install"):
                subprocess.run(
                    ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *PACKAGES],
                    env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=900,
                )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as problem:
            raise NotHere(str(problem)) from problem

    def _make(self) -> None:
        password = self.cluster.folder / "tracker-password"
        password.write_text("a root password\n")
        setup = ["rt-setup-database-5", "--action", "init", "--dba", "hark", "--dba-password", "x"]
        with self.timing("database"):
            self._run([*setup, "--root-password-file", str(password)])
            self._run(["perl", "-MRT=-init", "-e", RIGHTS])
        self.copy_texts()

    def _index(self, say: Say) -> None:
        say(f"{self.name}: building its full-text index …")
        if not self.cluster.one(self.database, "SELECT to_regclass('attachmentsindex')"):
            options = ["--noask", "--dba", "hark", "--dba-password", "x", "--index-type", "GIN"]
            self._run(["rt-setup-fulltext-index-5", *options])
        self.indexed = True
        self._run(["rt-fulltext-indexer-5", "--all"])
        with self.cluster.connect(self.database) as connection:
            connection.execute("VACUUM ANALYZE")

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(
            words, env=os.environ | self.variables(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )  # fmt: skip
        (self.cluster.folder / "tracker-setup.log").open("a").write(done.stdout + done.stderr)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {words[0]} failed: {(done.stdout + done.stderr)[-2000:]}")

    def variables(self) -> dict[str, str]:
        (nothing := self.cluster.folder / "tracker-site.d").mkdir(exist_ok=True)
        return {
            "RT_SITE_CONFIG": str(FILES / "tracker_site.pm"),
            "RT_SITE_CONFIG_DIR": str(nothing),
            "PERL5LIB": "/usr/share/request-tracker5/lib",
            "BENCH_SOCKETS": str(self.cluster.sockets),
            "BENCH_PORT": str(self.port or 8772),
        } | ({"BENCH_INDEXED": "1"} if self.indexed else {})

    def command(self) -> tuple[list[str], Mapping[str, str]]:
        # A kept connection would hold one of the four workers: eight clients would starve each other.
        words = ["starman", "--workers", str(WORKERS), "--preload-app", "--disable-keepalive"]
        return [
            *words,
            "--listen",
            f"127.0.0.1:{self.port}",
            "--env",
            "deployment",
            str(FILES / "tracker.psgi"),
        ], (self.variables())

    def first_page(self) -> None:
        """A session for each client: they would wait for each other in one."""
        self.sessions = []
        for _ in range(2 * WORKERS):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            self.sessions.append((answer.getheader("Set-Cookie") or "").split(";")[0])

    def create_request(self, number: int, client: int) -> tuple[str, bytes, dict[str, str]]:
        text = texts(1000)[number % 1000]
        body = {"Queue": "General", "Subject": text[:60], "Content": text, "ContentType": "text/plain",
                "Requestor": f"u{number}@example.test"}  # fmt: skip
        return (
            "/REST/2.0/ticket",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"} | self._cookie(client),
        )

    def rows(self, times: int) -> list[float]:
        query = (
            f"query={quote(OPEN)}&orderby=Created&order=DESC&per_page=25&fields=Subject,Status,Owner,Created"
        )
        return timed(
            self.port, f"/REST/2.0/tickets?{query}", self._cookie(), times, lambda text: len(json.loads(text)["items"]) == 25
        )  # fmt: skip

    def search(self, words: str, times: int) -> tuple[list[float], int]:
        query = quote(f"Content LIKE '{words}'")
        path = f"/REST/2.0/tickets?query={query}&orderby=Created&order=DESC&per_page=25&fields=Subject,Status,Owner,Created"
        found = [0]

        def look(text: bytes) -> bool:
            found[0] = int(json.loads(text)["total"])
            return True

        return timed(self.port, path, self._cookie(), times, look), found[0]

    def _cookie(self, client: int = 0) -> dict[str, str]:
        return {"Cookie": self.sessions[client % len(self.sessions)]}

    def version(self) -> str:
        words = ["dpkg-query", "-W", "-f", "${Version}", "request-tracker5"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@contextmanager
def nothing_starts() -> Iterator[None]:
    """Debian's packages start no service meanwhile (policy-rc.d answers 101)."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
