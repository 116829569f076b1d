"""django-helpdesk from PyPI, in an environment of its own: four gunicorn workers, REST with a token, pages with a session."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..load import timed
from ..posts import texts
from .peer import FILES, WORKERS, NotHere, Peer, Say, cache

PACKAGES = ["django-helpdesk", "psycopg[binary]", "gunicorn"]
SEED = (
    """INSERT INTO helpdesk_ticket (id, title, created, modified, submitter_email, status, on_hold, description, priority,
              queue_id, secret_key, assigned_to_id)
       SELECT n, left(title, 200), now() - n * interval '1 s', now(), 'u' || mod(n, 5000) || '@example.test',
              1 + mod(n, 3), false, text, 1 + mod(n, 5), (SELECT min(id) FROM helpdesk_queue), md5(n::text),
              CASE WHEN mod(n, 4) = 0 THEN (SELECT min(id) FROM auth_user) END
       FROM generate_series(%(first)s::int, %(last)s::int) n JOIN bench_said ON i = mod(n, 10000)""",
    """INSERT INTO helpdesk_followup (date, title, comment, public, ticket_id)
       SELECT now() - n * interval '1 s', 'Ticket Opened', text, true, n
       FROM generate_series(%(first)s::int, %(last)s::int) n JOIN bench_said ON i = mod(n + 5000, 10000)""",
    "SELECT setval(pg_get_serial_sequence('helpdesk_ticket', 'id'), greatest(10000000, (SELECT max(id) FROM helpdesk_ticket)))",
)
DESK = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from helpdesk.models import Queue
from rest_framework.authtoken.models import Token
user = get_user_model().objects.create_superuser("agent", "agent@example.test", "agent")
queue = Queue.objects.create(title="Social", slug="social", allow_public_submission=True)
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
import json
print(json.dumps({"token": Token.objects.create(user=user).key, "session": session.session_key, "queue": queue.pk}))
"""


class Helpdesk(Peer):
    name, database, table = "django-helpdesk", "helpdesk", "helpdesk_ticket"
    keys: dict[str, Any]

    @property
    def bin(self) -> Path:
        return cache() / "helpdesk" / "bin"

    def prepare(self, say: Say, tickets: int, *, index: bool = False) -> None:
        self._install(say)
        note = self.cluster.folder / "helpdesk.json"
        if not note.exists():
            self.cluster.create(self.database)
            with self.timing("database"):
                self._django("migrate", "-v0")
                note.write_text(self._django("shell", "-v0", "-c", DESK).splitlines()[-1])
            self.copy_texts()
        self.keys = json.loads(note.read_text())
        seeded = int(
            self.cluster.one(self.database, "SELECT count(*) FROM helpdesk_ticket WHERE id < 10000000")
        )
        if seeded < tickets:
            say(f"{self.name}: seeding {tickets:,} tickets …")
            with self.cluster.connect(self.database) as connection:
                for statement in SEED:
                    connection.execute(
                        statement, {"first": seeded + 1, "last": tickets} if "%" in statement else None
                    )
                connection.execute("VACUUM ANALYZE")

    def _install(self, say: Say) -> None:
        if (self.bin / "gunicorn").exists():
            return
        say(f"{self.name}: installing into {self.bin.parent} …")
        try:
            self.install(self.bin.parent)
        except (OSError, subprocess.SubprocessError) as problem:
            shutil.rmtree(self.bin.parent, ignore_errors=True)
            raise NotHere(str(problem)) from problem

    def install(self, folder: Path) -> None:
        """An environment with everything in it; how long it took is noted."""
        with self.timing("install"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=300)
            subprocess.run(
                [str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *PACKAGES],
                check=True,
                capture_output=True,
                timeout=900,
            )

    def variables(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(FILES),
            "DJANGO_SETTINGS_MODULE": "helpdesk_site",
            "BENCH_SOCKETS": str(self.cluster.sockets),
            "BENCH_MEDIA": str(self.cluster.folder),
        }

    def _django(self, *words: str) -> str:
        done = subprocess.run(
            [str(self.bin / "django-admin"), *words],
            env=self.variables() | {"PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{self.name}: {done.stderr[-2000:]}")
        return done.stdout

    def command(self) -> tuple[list[str], Mapping[str, str]]:
        words = [str(self.bin / "gunicorn"), "-b", f"127.0.0.1:{self.port}", "-w", str(WORKERS)]
        return [*words, "--log-level", "warning", "helpdesk_site:application"], self.variables()

    def create_request(self, number: int, client: int) -> tuple[str, bytes, dict[str, str]]:
        text = texts(1000)[number % 1000]
        body = {"queue": self.keys["queue"], "title": text[:60], "description": text, "priority": 3,
                "submitter_email": f"u{number}@example.test"}  # fmt: skip
        headers = {"Authorization": f"Token {self.keys['token']}", "Content-Type": "application/json"}
        return "/api/tickets/", json.dumps(body).encode(), headers

    def first_page(self) -> None:
        timed(self.port, "/login/", {}, 1, lambda text: b"<form" in text)

    def rows(self, times: int) -> list[float]:
        return timed(
            self.port, self._list(""), self._cookie(), times, lambda text: len(json.loads(text)["data"]) == 25
        )

    def search(self, words: str, times: int) -> tuple[list[float], int]:
        found = [0]

        def look(text: bytes) -> bool:
            found[0] = int(json.loads(text)["recordsFiltered"])
            return True

        return timed(self.port, self._list(words), self._cookie(), times, look), found[0]

    def _list(self, words: str) -> str:
        query = {"filtering": {"status__in": [1, 2]}, "filtering_null": {}, "sorting": "created", "sortreverse": True,
                 "search_string": words}  # fmt: skip
        coded = base64.b64encode(json.dumps(query).encode()).decode()
        return f"/datatables_ticket_list/{quote(coded)}?draw=1&start=0&length=25"

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": f"sessionid={self.keys['session']}"}

    def version(self) -> str:
        told = subprocess.run(
            [str(self.bin / "pip"), "show", "django-helpdesk"], capture_output=True, text=True, check=True
        ).stdout
        return next(line.split()[1] for line in told.splitlines() if line.startswith("Version:"))
