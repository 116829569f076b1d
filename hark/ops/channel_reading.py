"""Adapters at the desk: their capabilities as rows, and their reading of recorded payloads without a database."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import msgspec

from hark.channels.base import Capabilities, Connection, Network, Unreadable
from hark.channels.registry import all_networks, network_of
from hark.channels.shapes import Silent
from hark.ops.errors import OpsError


@dataclass(frozen=True)
class Problem:
    body: int  # counted from 1
    event_key: str
    text: str

    def __str__(self) -> str:
        return f"payload {self.body}{f', event {self.event_key}' if self.event_key else ''}: {self.text}"


def read_bodies(network: str, bodies: Iterable[bytes]) -> Iterator[str | Problem]:
    """The messages of each body as JSON lines, in order; a Problem in place of what can't be read."""
    try:
        adapter = network_of(network)
    except LookupError as error:
        raise OpsError(str(error)) from error
    connection = _nobody(adapter)
    for number, body in enumerate(bodies, 1):
        try:
            envelopes = adapter.split(body)
        except Unreadable as error:
            yield Problem(number, "", str(error))
            continue
        for envelope in envelopes:
            try:
                messages = adapter.read(envelope.raw, connection)
            except Unreadable as error:
                yield Problem(number, envelope.event_key, str(error))
                continue
            for message in messages:
                yield _json({"event_key": envelope.event_key, **asdict(message)})


def recordings(content: bytes) -> list[dict[str, Any]] | None:
    """Recorded answers and fixtures, one a line ({case, response} or {case, payload}); None when the file holds none."""
    found: list[dict[str, Any]] = []
    for line in content.splitlines():
        if not line.strip():
            continue
        try:
            one = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            return None
        if "case" not in one or not ("payload" in one or isinstance(one.get("response"), dict)):
            return None
        found.append(one)
    return found or None


def read_recordings(
    network: str, recorded: Iterable[dict[str, Any]], account: str = ""
) -> Iterator[str | Problem]:
    """One line a message, or {"case", "skipped": why} where nobody says anything. `account`: whose they are."""
    try:
        adapter = network_of(network)
    except LookupError as error:
        raise OpsError(str(error)) from error
    connection = Connection(0, account, account, {}, {}, adapter.can)
    for number, one in enumerate(recorded, 1):
        case = {"case": one["case"], **({"step": one["step"]} if "step" in one else {})}
        try:
            messages = list(_said(adapter, connection, one))
        except Silent as reason:
            yield _json({**case, "skipped": str(reason)})
            continue
        except Unreadable as error:
            yield Problem(number, str(one["case"]), str(error))
            continue
        for message in messages:
            yield _json({**case, **message})
        if not messages:
            yield _json({**case, "skipped": "nobody says anything in it"})


def _said(adapter: Network, connection: Connection, one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answer = one.get("response") or {}
    status, body = answer.get("status", 200), answer.get("body") if "response" in one else one["payload"]
    if not 200 <= int(status) < 300:
        raise Silent(f"an answer with status {status}")
    if body in (None, ""):
        raise Silent("an empty answer")
    raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    for envelope in adapter.split(raw):
        for message in adapter.read(envelope.raw, connection):
            yield {"event_key": envelope.event_key, **asdict(message)}


def matrix() -> list[dict[str, object]]:
    """One row a network: what `hark channels` shows."""
    return [{"network": network.slug, **_row(network.can)} for network in all_networks()]


def as_ndjson(rows: Iterable[dict[str, object]]) -> Iterator[str]:
    return (_json(row) for row in rows)


def cell(row: dict[str, object], column: str) -> str:
    value = row[column]
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _row(can: Capabilities) -> dict[str, object]:
    names = ("like", "hide", "edit_own", "delete_own", "threads_long_text", "typing", "quick_replies")
    assert set(names) <= {field.name for field in fields(can)}
    return {
        "label": can.label,
        "inbound": sorted(can.inbound),
        "comes by": sorted(can.inbound_style),
        "public": _limit(can, "public"),
        "private": _limit(can, "private"),
        "hand-off": list(can.handoff),
        "also": [name.replace("_", " ") for name in names if getattr(can, name)],
        "needs": list(can.needs),
    }


def _limit(can: Capabilities, visibility: Any) -> str:
    if not can.can_reply(visibility):
        return "-"
    limit = can.text_limit(visibility)
    return f"{limit.value} {limit.unit}" if limit else "any length"


def _nobody(adapter: Network) -> Connection:
    """An account that is nobody's: recorded payloads are read without credentials."""
    return Connection(0, "", "", {}, {}, adapter.can)


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str, order="deterministic").decode()
