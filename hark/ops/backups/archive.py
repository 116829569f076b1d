"""The file that a backup is: one tar with database.dump, media/…, keys/… if asked for, and manifest.json at the end.

The manifest comes last because it says what was really put in: a picture may go while the backup is made.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from hark.ops.errors import OpsError

FORMAT = 1
CHUNK_BYTES = 1024 * 1024


class Manifest(msgspec.Struct, kw_only=True):
    """What is in the file, so that a restore can tell whether it got everything."""

    format: int = FORMAT
    hark: str
    made_at: str
    server_version: int  # major
    migrations: list[str]
    tables: dict[str, int]  # rows of each
    sums: dict[str, str] = {}  # over the rows of each; see contents.py
    dump_sha256: str
    media: dict[str, str] = {}  # path below media/ to SHA-256
    with_keys: bool

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write(target: Path, manifest: Manifest, dump: Path, media: Path, keys: Path | None) -> None:
    """Whole or not at all: a file of that name appears only when it is complete and on disk. Mode 0600."""
    draft = target.with_name(f".{target.name}.part")
    files = sorted(path for path in media.rglob("*") if path.is_file() and not path.is_symlink())
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                tar.add(dump, "database.dump")
                for path in files:
                    name = path.relative_to(media).as_posix()
                    if digest := _add_hashed(tar, path, f"media/{name}"):
                        manifest.media[name] = digest
                for key in sorted(keys.glob("[!.]*")) if keys else []:
                    tar.add(key, f"keys/{key.name}", recursive=False)
                _add_bytes(tar, "manifest.json", msgspec.json.format(msgspec.json.encode(manifest)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """The archive and its manifest. Raises OpsError for a file that isn't one of ours, or is damaged."""
    try:
        with tarfile.open(path, "r:") as tar:
            found = tar.extractfile("manifest.json")
            manifest = msgspec.json.decode(found.read() if found else b"", type=Manifest)
            if manifest.format > FORMAT:
                raise OpsError(f"{path} was made by a newer Hark ({manifest.hark}): update the code first.")
            yield tar, manifest
    except (tarfile.TarError, KeyError, EOFError, msgspec.MsgspecError) as error:
        raise OpsError(
            f"{path} is no backup of Hark, or is damaged: {str(error).splitlines()[0]}."
        ) from error


def extract(tar: tarfile.TarFile, name: str, target: Path, sha256: str | None = None) -> None:
    """One member into one file. Raises OpsError when it is missing or its sum is another than the manifest's."""
    source = _member(tar, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        _copy(source, file, name, sha256)


def check(tar: tarfile.TarFile, name: str, sha256: str) -> None:
    """The same, keeping nothing."""
    _copy(_member(tar, name), None, name, sha256)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_plain(path: str) -> bool:
    """Whether a path from a manifest stays below the folder it is put into."""
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        source = tar.extractfile(name)
    except KeyError:
        source = None
    if source is None:
        raise OpsError(f"The backup is damaged: {name} is missing.")
    return source


def _copy(source: IO[bytes], target: IO[bytes] | None, name: str, sha256: str | None) -> None:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        if target:
            target.write(chunk)
    if sha256 and digest.hexdigest() != sha256:
        raise OpsError(f"The backup is damaged: {name} is not what was written. Nothing was changed.")


class _Hashed(io.RawIOBase):
    """A file that is summed up while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.digest.update(chunk)
        return chunk


def _add_hashed(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """The sum of what was put in; empty for a file that is gone meanwhile."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return ""
    with file:
        hashed = _Hashed(file)
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=file), hashed)
        return hashed.digest.hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
