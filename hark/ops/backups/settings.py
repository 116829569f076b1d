"""What the HARK_BACKUP_… variables say. Their secrets are never shown, not even in a traceback."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hark.ops.environment import Environment
from hark.ops.errors import OpsError

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Store:
    """How an S3-compatible store is reached. Without an endpoint it is Amazon's own of that region."""

    endpoint: str | None
    region: str
    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class BackupSettings:
    to: str  # a folder, or s3://bucket/prefix
    every: timedelta | None  # None: none by schedule
    verify_every: timedelta | None
    keep_days: int  # the newest of each of so many days
    keep_weeks: int  # and of so many weeks
    key_file: Path | None
    passphrase: str | None = field(repr=False)
    store: Store


def read(env: Environment, given: Mapping[str, str] = os.environ) -> BackupSettings:
    """The variables, or what stands for them. Raises OpsError naming the one that can't be read."""
    days, weeks = _keep(given.get("HARK_BACKUP_KEEP") or "7+4")
    key_file = given.get("HARK_BACKUP_KEY_FILE")
    return BackupSettings(
        to=given.get("HARK_BACKUP_TO") or str(env.data / "backups"),
        every=_span(given, "HARK_BACKUP_EVERY", "24h"),
        verify_every=_span(given, "HARK_BACKUP_VERIFY_EVERY", "7d"),
        keep_days=days,
        keep_weeks=weeks,
        key_file=Path(key_file).expanduser().absolute() if key_file else None,
        passphrase=given.get("HARK_BACKUP_PASSPHRASE") or None,
        store=Store(
            endpoint=given.get("HARK_BACKUP_S3_ENDPOINT") or None,
            region=given.get("HARK_BACKUP_S3_REGION") or "us-east-1",
            key_id=given.get("HARK_BACKUP_S3_KEY_ID", ""),
            secret=given.get("HARK_BACKUP_S3_SECRET", ""),
        ),
    )


def _span(given: Mapping[str, str], name: str, default: str) -> timedelta | None:
    text = (given.get(name) or default).strip().lower()
    if text == "off":
        return None
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    if not found:
        raise OpsError(f"{name} is {text!r}, but must be like 30m, 24h or 7d, or off.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _keep(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,3})(?:\+(\d{1,3}))?", text.strip())
    if not found:
        raise OpsError(f"HARK_BACKUP_KEEP is {text!r}, but must be like 7+4: those of 7 days and of 4 weeks.")
    return int(found[1]), int(found[2] or 0)
