"""Where backups are kept: a folder, or a bucket of an S3-compatible store. Memory stays flat in both."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from hark.ops import terminal
from hark.ops.backups.settings import BackupSettings, Store
from hark.ops.environment import Environment
from hark.ops.errors import OpsError

PART_BYTES = 8 * 2**20
MOST_PARTS = 9_000  # S3 takes 10,000: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
PARTS_AT_ONCE = 3
SCHEME = "s3://"


class Place(Protocol):
    """Raises OpsError or OSError with a sentence for what can't be done."""

    workshop: Path  # where what is put here is made first

    def put(self, file: Path, name: str) -> None: ...  # whole or not at all; may move the file
    def fetch(self, name: str, into: Path) -> Path: ...  # a file here; FileNotFoundError when there is none
    def names(self) -> list[str]: ...
    def delete(self, name: str) -> None: ...
    def shown(self, name: str) -> str: ...


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = self.workshop = path

    def put(self, file: Path, name: str) -> None:
        file.replace(self.path / name)
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def fetch(self, name: str, into: Path) -> Path:
        (self.path / name).stat()
        return self.path / name

    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.glob("*")) if self.path.exists() else []

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def shown(self, name: str) -> str:
        return str(self.path / name)


class Bucket:
    def __init__(self, bucket: str, prefix: str, store: Store, workshop: Path) -> None:
        self.bucket, self.prefix, self.workshop = bucket, prefix.strip("/"), workshop
        if not store.key_id or not store.secret:
            raise OpsError(
                f"{SCHEME}{bucket} needs HARK_BACKUP_S3_KEY_ID and HARK_BACKUP_S3_SECRET (and for a store that isn't "
                "Amazon's, HARK_BACKUP_S3_ENDPOINT)."
            )
        from obstore.store import S3Store

        self.store: Any = S3Store(
            bucket,
            prefix=self.prefix or None,
            endpoint=store.endpoint,
            region=store.region,
            access_key_id=store.key_id,
            secret_access_key=store.secret,
            virtual_hosted_style_request=False,
            client_options={"allow_http": (store.endpoint or "").startswith("http://"), "timeout": "5m"},
            retry_config={"max_retries": 5},
        )

    def put(self, file: Path, name: str) -> None:
        import obstore

        size = file.stat().st_size
        part = max(PART_BYTES, size // MOST_PARTS)
        with (
            self._in_words(),
            terminal.progress("Storing", max(1, size)) as (bar, task),
            file.open("rb") as source,
        ):

            def pieces() -> Iterator[bytes]:
                while piece := source.read(PART_BYTES):
                    yield piece
                    bar.advance(task, len(piece))

            content = pieces() if size > PART_BYTES else source.read()
            obstore.put(self.store, name, content, chunk_size=part, max_concurrency=PARTS_AT_ONCE)
            stored = obstore.head(self.store, name)["size"]
        if stored != size:
            raise OpsError(f"{self.shown(name)} holds {stored} bytes instead of {size}.")

    def fetch(self, name: str, into: Path) -> Path:
        import obstore

        path = into / name
        with self._in_words():
            found = obstore.get(self.store, name)
            with (
                terminal.progress("Fetching", max(1, found.meta["size"])) as (bar, task),
                path.open("wb") as file,
            ):
                path.chmod(0o600)
                for piece in found.stream(min_chunk_size=PART_BYTES // 8):
                    file.write(piece)
                    bar.advance(task, len(piece))
        return path

    def names(self) -> list[str]:
        import obstore

        with self._in_words():
            found = obstore.list_with_delimiter(self.store)["objects"]
        return sorted(str(one["path"]).rpartition("/")[2] for one in found)

    def delete(self, name: str) -> None:
        import obstore

        with self._in_words():
            obstore.delete(self.store, name)

    def shown(self, name: str) -> str:
        return SCHEME + "/".join(part for part in (self.bucket, self.prefix, name) if part)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """The store's own word for what went wrong, in one sentence; it never holds a secret, only the address."""
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError:
            raise
        except BaseError as error:
            text = " ".join(str(error).partition("\n\nDebug source:")[0].split())
            found = re.search(r"<Code>(.*?)</Code>(?:.*?<Message>(.*?)</Message>)?", text)
            reason = ": ".join(part for part in found.groups() if part) if found else text
            raise OpsError(f"{SCHEME}{self.bucket} can't be used: {reason[:300]}") from None


def place(settings: BackupSettings, env: Environment, to: str | None = None) -> Place:
    """The folder or bucket that `to`, or else the settings, name."""
    to = to or settings.to
    if not to.startswith(SCHEME):
        return Folder(Path(to).expanduser().absolute())
    bucket, _, prefix = to.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise OpsError(f"{to} names no bucket: s3://bucket/prefix")
    return Bucket(bucket, prefix, settings.store, env.data)


def file(settings: BackupSettings, env: Environment, target: str) -> tuple[Place, str]:
    """A file at a place, taken apart."""
    folder, slash, name = target.rpartition("/")
    if not name or folder + "/" == SCHEME:
        raise OpsError(f"{target} names no file.")
    return place(settings, env, folder or slash or "."), name


@contextmanager
def workroom(at: Place, what: str) -> Iterator[Path]:
    """A folder for what is being made, that goes again. What a killed one left behind goes first."""
    at.workshop.mkdir(parents=True, exist_ok=True)
    for old in at.workshop.glob(f".hark-{what}-*"):
        if not _is_alive(old):
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".hark-{what}-{os.getpid()}-", dir=at.workshop) as folder:
        yield Path(folder)


def _is_alive(room: Path) -> bool:
    pid = room.name.split("-")[2]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True
