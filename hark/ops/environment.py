"""What the environment variables say. Imports nothing of Django, so that every tool may read it first."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hark.ops.errors import OpsError

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Environment:
    """Where Hark keeps its things and where it listens. One variable each; docs/administrators.md lists them."""

    data: Path  # absolute; HARK_DATA
    database_url: str | None  # HARK_DATABASE_URL; None: the embedded PostgreSQL
    host: str
    port: int
    public_url: str  # without a slash at the end
    allowed_hosts: tuple[str, ...]
    debug: bool
    database_user: str | None  # HARK_DB_USER: who runs the embedded PostgreSQL when we are root
    web_processes: int
    proxies: tuple[str, ...]  # HARK_PROXIES: whose word about a caller's address is believed
    lease_seconds: int  # how long a reply that is being sent waits for its sender, before another one asks
    slow_query_ms: int  # from which a query goes to the log; 0: never
    probe_seconds: int  # between two messages of the probe; 0: none
    probe_url: str  # where the probe finds the web process
    scanner: str  # HARK_SCANNER: who looks through the files of customers; empty: nobody

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    @property
    def media(self) -> Path:
        return self.data / "media"


def read(given: Mapping[str, str] = os.environ) -> Environment:
    """What the variables say now. Raises OpsError naming the one that can't be read."""
    host = given.get("HARK_HOST") or "127.0.0.1"
    port = _number(given, "HARK_PORT", 8000, most=65535)
    public_url = (given.get("HARK_PUBLIC_URL") or f"http://{_in_url(host)}:{port}").rstrip("/")
    public_host = urlsplit(public_url).hostname
    if not public_host:
        raise OpsError(
            f"HARK_PUBLIC_URL is {public_url!r}, but must be an address such as https://care.example."
        )
    extra = [part.strip() for part in given.get("HARK_ALLOWED_HOSTS", "").split(",") if part.strip()]
    hosts = dict.fromkeys([_in_url(public_host), _in_url(host), *LOOPBACK, *extra])
    return Environment(
        data=Path(given.get("HARK_DATA") or "var").expanduser().absolute(),
        database_url=given.get("HARK_DATABASE_URL") or None,
        host=host,
        port=port,
        public_url=public_url,
        allowed_hosts=tuple(hosts),
        debug=_switch(given, "HARK_DEBUG"),
        database_user=given.get("HARK_DB_USER") or None,
        web_processes=_number(given, "HARK_WEB_PROCESSES", 1, most=64) or 1,
        proxies=tuple(part.strip() for part in given.get("HARK_PROXIES", "").split(",") if part.strip()),
        lease_seconds=_number(given, "HARK_LEASE_SECONDS", 90, most=3600) or 90,
        slow_query_ms=_number(given, "HARK_SLOW_QUERY_MS", 250, most=600_000),
        probe_seconds=_number(given, "HARK_PROBE_SECONDS", 60, most=86_400),
        probe_url=(given.get("HARK_PROBE_URL") or f"http://{_in_url(_loopback(host))}:{port}").rstrip("/"),
        scanner=_scanner(given.get("HARK_SCANNER", "").strip()),
    )


def make_data_directory(env: Environment) -> None:
    """Create the data directory where it is missing. Raises OpsError when it can't be written to.

    What is created is readable to others whatever the umask: below it, keys and database are 0700 by themselves,
    and as root the database runs as another user, who must be able to pass through.
    """
    try:
        missing = [path for path in (env.data, *env.data.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            path.chmod(0o755)
    except OSError as error:
        raise OpsError(
            f"The data directory {env.data} can't be created: {error.strerror}. HARK_DATA names another one."
        ) from error
    if not os.access(env.data, os.W_OK | os.X_OK):
        raise OpsError(
            f"The data directory {env.data} can't be written to by this user. HARK_DATA names another one."
        )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _loopback(host: str) -> str:
    """Where a process on this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (read, not bound)


def _scanner(text: str) -> str:
    if text and not (text.startswith("clamd:/") and len(text) > len("clamd:/")):
        raise OpsError(
            f"HARK_SCANNER is {text!r}, but must be clamd:/path/of/the/socket or clamd://host:3310."
        )
    return text


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise OpsError(f"{name} is {text!r}, but must be a whole number from 0 to {most}.")
    return int(text)


def _switch(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "").strip().lower()
    if text not in YES | NO:
        raise OpsError(f"{name} is {text!r}, but must be 1 (on) or 0 (off).")
    return text in YES
