"""Backups sealed in the age format (https://age-encryption.org/v1), by the rage library: streamed, authenticated, and
readable without Hark. A cut, changed or reordered file is refused before any of it is used.

With a key file: what `age-keygen` or `hark backups key` writes. The public half alone seals; the secret half opens.
With a passphrase: a key of this one backup, sealed with the passphrase (scrypt), stands in the first line, since the
library seals with a passphrase in memory only. By hand: docs/administrators.md#encrypted-backups.
"""

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyrage

from hark.ops.backups.settings import BackupSettings
from hark.ops.errors import OpsError

SUFFIX = ".age"
MAGIC = b"age-encryption.org/v1\n"
KEY_LINE = b"hark-backup-key "
LONGEST_LINE = 4096
FAULTS = (
    pyrage.DecryptError,
    pyrage.IdentityError,
    pyrage.RecipientError,
    binascii.Error,
    UnicodeDecodeError,
)


@dataclass(frozen=True)
class Lock:
    """What seals a backup, what opens it, or both."""

    recipient: Any = None
    identity: Any = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    @property
    def seals(self) -> bool:
        return bool(self.recipient or self.passphrase)

    @property
    def opens(self) -> bool:
        return bool(self.identity or self.passphrase)

    def seal(self, plain: Path, sealed: Path) -> None:
        """One file into another, a piece at a time. Raises OSError."""
        with plain.open("rb") as source, _private(sealed) as target:
            recipient = self.recipient
            if not recipient:
                identity = pyrage.x25519.Identity.generate()
                key = pyrage.passphrase.encrypt(str(identity).encode(), self.passphrase)
                target.write(KEY_LINE + base64.b64encode(key) + b"\n")
                recipient = identity.to_public()
            pyrage.encrypt_io(source, target, [recipient])
            target.flush()
            os.fsync(target.fileno())

    def open(self, sealed: Path, plain: Path) -> None:
        """The other way. Raises OpsError for the wrong key, or a file that is not what was written."""
        with sealed.open("rb") as source, _private(plain) as target:
            try:
                pyrage.decrypt_io(source, target, [self._identity(source)])
            except FAULTS as error:
                raise OpsError(f"This key or passphrase doesn't open {sealed.name}.") from error
            except OSError as error:
                if error.errno:  # the disk; the library's own have no number
                    raise
                raise OpsError(
                    f"{sealed.name} is damaged: it is not what was written. Nothing was changed."
                ) from error

    def _identity(self, source: IO[bytes]) -> Any:
        line = source.readline(LONGEST_LINE)
        if line.startswith(KEY_LINE):
            if not self.passphrase:
                raise OpsError("This backup is sealed with a passphrase: HARK_BACKUP_PASSPHRASE, or --ask.")
            key = pyrage.passphrase.decrypt(base64.b64decode(line[len(KEY_LINE) :]), self.passphrase)
            return pyrage.x25519.Identity.from_str(key.decode())
        if not self.identity:
            raise OpsError("This backup is sealed with a key: --key-file names the file that holds it.")
        source.seek(0)
        return self.identity


def lock(settings: BackupSettings) -> Lock:
    """What the settings seal and open with; one that does neither where they name nothing."""
    if not settings.key_file:
        return Lock(passphrase=settings.passphrase)
    try:
        lines = settings.key_file.read_text().split("\n")
        for line in map(str.strip, lines):
            if line.startswith("AGE-SECRET-KEY-"):
                identity = pyrage.x25519.Identity.from_str(line)
                return Lock(identity.to_public(), identity, settings.passphrase)
            if line.startswith("age1"):
                return Lock(pyrage.x25519.Recipient.from_str(line), passphrase=settings.passphrase)
    except (OSError, *FAULTS) as error:
        raise OpsError(f"The key file {settings.key_file} can't be read: {error}.") from error
    raise OpsError(f"{settings.key_file} holds no age key (AGE-SECRET-KEY-… or age1…).")


def is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)).startswith((MAGIC, KEY_LINE))


def make_key(path: Path) -> str:
    """A new key file, mode 0600; its public half. Raises OpsError when there is a file already."""
    identity = pyrage.x25519.Identity.generate()
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    except OSError as error:
        raise OpsError(f"The key can't be written to {path}: {error.strerror}.") from error
    return str(identity.to_public())


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb")
