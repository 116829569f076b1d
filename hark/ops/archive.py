"""The file that a backup is: one tar with manifest.json first, then database.dump, media/…, and keys/… if asked for."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    dump_sha256: str
    media: dict[str, str]  # path below media/ to SHA-256
    with_keys: bool

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write(target: Path, manifest: Manifest, dump: Path, media: Path, keys: Path | None) -> None:
    """Whole or not at all: a file of that name appears only when it is complete and on disk. Mode 0600."""
    draft = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _add_bytes(tar, "manifest.json", msgspec.json.format(msgspec.json.encode(manifest)))
                tar.add(dump, "database.dump")
                for path in manifest.media:
                    tar.add(media / path, f"media/{path}", recursive=False)
                for key in sorted(keys.glob("[!.]*")) if keys else []:
                    tar.add(key, f"keys/{key.name}", recursive=False)
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
    try:
        source = tar.extractfile(name)
    except KeyError:
        source = None
    if source is None:
        raise OpsError(f"The backup is damaged: {name} is missing.")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    if sha256 and digest.hexdigest() != sha256:
        raise OpsError(f"The backup is damaged: {name} is not what was written. Nothing was changed.")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_plain(path: str) -> bool:
    """Whether a path from a manifest stays below the folder it is put into."""
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
