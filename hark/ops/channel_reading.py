"""Adapters at the desk: their capabilities as rows, and their reading of recorded payloads without a database."""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import msgspec

from hark.channels.abilities import Explains
from hark.channels.base import Capabilities, Connection, Network, Skipped, Unreadable
from hark.channels.registry import all_networks, network_of
from hark.ops.errors import OpsError


@dataclass(frozen=True)
class Problem:
    body: int  # counted from 1
    event_key: str
    text: str

    def __str__(self) -> str:
        return f"payload {self.body}{f', event {self.event_key}' if self.event_key else ''}: {self.text}"


@dataclass(frozen=True)
class Body:
    """One payload, and the name of the recording it comes from ("" when it is a bare one)."""

    raw: bytes
    case: str = ""


def bodies(content: bytes, *, lines: bool) -> list[Body]:
    """The payloads in a file, packed with gzip or not: recordings (lines with `case` and `payload` or `response`), else bare."""
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    found = [line for line in content.splitlines() if line.strip()]
    recorded = [_recorded(line) for line in found]
    if found and all(recorded):
        return [body for body in recorded if body]
    return [Body(line) for line in found] if lines else [Body(content)]


def _recorded(line: bytes) -> Body | None:
    """The body in one line of a recording: what came, never what was asked. Text stays text."""
    try:
        row = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None
    if "case" not in row or not ("payload" in row or isinstance(row.get("response"), dict)):
        return None
    came = row["payload"] if "payload" in row else row["response"].get("body")
    raw = came.encode() if isinstance(came, str) else b"" if came is None else msgspec.json.encode(came)
    return Body(raw, f"{row['case']}#{row['step']}" if "step" in row else str(row["case"]))


def read_bodies(network: str, bodies: Iterable[Body], account: str = "") -> Iterator[str | Problem]:
    """The messages of each body as JSON lines, in order; a Problem in place of what can't be read.

    One that carries no message gives one line with the reason. `account`: the external id of whose they are.
    """
    try:
        adapter = network_of(network)
    except LookupError as error:
        raise OpsError(str(error)) from error
    connection = _nobody(adapter, account)
    for number, body in enumerate(bodies, 1):
        try:
            lines, why = _lines(adapter, connection, body)
        except Skipped as reason:
            lines, why = [], str(reason)
        except _Unread as problem:
            yield Problem(number, problem.event_key, str(problem))
            continue
        yield from lines or [_json({"case": body.case or str(number), "skipped": why})]


class _Unread(Exception):
    def __init__(self, event_key: str, text: str) -> None:
        super().__init__(text)
        self.event_key = event_key


def _lines(adapter: Network, connection: Connection, body: Body) -> tuple[list[str], str]:
    """The messages of one body, and why there is none, as far as the adapter says it."""
    try:
        envelopes = adapter.split(body.raw)
    except Unreadable as error:
        raise _Unread("", str(error)) from error
    named = {"case": body.case} if body.case else {}
    lines: list[str] = []
    reasons: list[str] = []
    for envelope in envelopes:
        try:
            messages = adapter.read(envelope.raw, connection)
            if not messages and isinstance(adapter, Explains):
                reasons.append(adapter.skipped(envelope.raw, connection))
        except Unreadable as error:
            raise _Unread(envelope.event_key, str(error)) from error
        for message in messages:
            lines.append(_json({**named, "event_key": envelope.event_key, **asdict(message)}))
    return lines, "; ".join(dict.fromkeys(reasons)) or "an event that says nothing to us"


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


def _nobody(adapter: Network, account: str = "") -> Connection:
    """An account that is nobody's: recorded payloads are read without credentials."""
    return Connection(0, account, account, {}, {}, adapter.can)


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str, order="deterministic").decode()
