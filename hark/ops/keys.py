"""The keys of an installation: files of mode 0600 in $HARK_DATA/keys, made on first use.

`django-secret` signs sessions and links; `credentials` holds one Fernet key a line, newest first: the first encrypts,
all of them decrypt. `erasures` names messages on the list of erasures, likewise; `metrics` opens /metrics.
Imports nothing of Django.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from hark.ops.environment import Environment, make_data_directory
from hark.ops.errors import OpsError

SECRET = "django-secret"  # noqa: S105  a file name
CREDENTIALS = "credentials"
ERASURES = "erasures"
METRICS = "metrics"


def load(env: Environment) -> tuple[str, list[bytes]]:
    """Django's secret and the credential keys, newest first. Raises OpsError when they can't be read or made."""
    make_data_directory(env)
    secret = _read_or_make(env.keys / SECRET, lambda: secrets.token_urlsafe(50))
    lines = _read_or_make(env.keys / CREDENTIALS, _new_key).split()
    if not secret or not lines:
        raise OpsError(f"A key file in {env.keys} is empty: put it back from a copy of that folder.")
    return secret, [line.encode() for line in lines]


def erasures(env: Environment) -> list[bytes]:
    """The keys of the list of erasures (hark/erasures.py), newest first. Raises OpsError."""
    make_data_directory(env)
    lines = _read_or_make(env.keys / ERASURES, lambda: secrets.token_hex(32)).split()
    if not lines:
        raise OpsError(f"A key file in {env.keys} is empty: put it back from a copy of that folder.")
    return [line.encode() for line in lines]


def add_erasures(env: Environment, others: str) -> None:
    """Know the keys of another installation's list, too."""
    own = [key.decode() for key in erasures(env)]
    _write(env.keys / ERASURES, "\n".join(dict.fromkeys([*own, *others.split()])), replace=True)


def metrics_token(env: Environment) -> str:
    """What Prometheus shows to read `/metrics`. Raises OpsError."""
    return _read_or_make(env.keys / METRICS, lambda: secrets.token_urlsafe(32))


def rotate(env: Environment) -> int:
    """Put a new credential key in front of the others; the number of keys there are now."""
    _, keys = load(env)
    text = "\n".join([_new_key(), *(key.decode() for key in keys)])
    _write(env.keys / CREDENTIALS, text, replace=True)
    return len(keys) + 1


def retire(env: Environment) -> None:
    """Keep the newest credential key alone. Only once everything has been encrypted with it."""
    _, keys = load(env)
    _write(env.keys / CREDENTIALS, keys[0].decode(), replace=True)


def too_open(env: Environment) -> list[Path]:
    """Key files that somebody other than their owner may read."""
    found = [env.keys, *sorted(env.keys.glob("*"))] if env.keys.exists() else []
    return [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _read_or_make(path: Path, make: Callable[[], str]) -> str:
    try:
        if not path.exists():
            path.parent.mkdir(exist_ok=True, mode=0o700)
            _write(path, make(), replace=False)
        return path.read_text().strip()
    except OSError as error:
        raise OpsError(f"The key file {path} can't be read or made: {error.strerror}.") from error


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Whole or not at all; of two processes that make the same file at once, the first one wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
