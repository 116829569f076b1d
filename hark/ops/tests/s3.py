"""A real S3-compatible store for the tests: SeaweedFS, from its package, on loopback, with a key of its own."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

KEY, SECRET, BUCKET = "hark-tests", "a-secret-of-the-tests", "backups"
PATIENCE_SECONDS = 40


def program() -> str | None:
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def store(folder: Path) -> Iterator[dict[str, str]]:
    """The HARK_BACKUP_S3_… variables that reach it."""
    found = program()
    assert found
    config = folder / "s3.json"
    identity = {
        "name": "hark",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    ports = _free_ports(4)
    command = [found, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=8", "-debug.port=0"]
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    command += [f"-{name}={port}" for name, port in zip(names, ports, strict=True)] + [f"-s3.config={config}"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    endpoint = f"http://127.0.0.1:{ports[-1]}"
    try:
        _wait_for(f"{endpoint}/healthz", running, folder / "log")
        _make_bucket(endpoint)
        yield {
            "HARK_BACKUP_S3_ENDPOINT": endpoint,
            "HARK_BACKUP_S3_KEY_ID": KEY,
            "HARK_BACKUP_S3_SECRET": SECRET,
        }
    finally:
        running.kill()
        running.wait()


def _wait_for(address: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text()[-2000:])


def _make_bucket(endpoint: str) -> None:
    """By a first object, as soon as the parts of the server have found each other."""
    client = {"allow_http": True}
    made = S3Store(
        BUCKET, endpoint=endpoint, access_key_id=KEY, secret_access_key=SECRET, client_options=client
    )
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            obstore.put(made, "first", b"")
            return
        except BaseError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    """Below 20,000, since the server takes each plus 10,000 as well."""
    found: list[int] = []
    for port in range(11_000 + time.monotonic_ns() % 7_000, 20_000):
        taken = []
        for number in (port, port + 10_000):
            with socket.socket() as probe:
                taken.append(probe.connect_ex(("127.0.0.1", number)) == 0)
        if not any(taken):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")
