"""What the three adapters share: the handshake, the split of batches, and reading with a reason where nothing was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hark.channels.base import (
    Connection,
    Envelope,
    HookAnswer,
    HookRequest,
    IncomingMessage,
    Signature,
    Unreadable,
)
from hark.channels.signatures import meta_challenge

from . import envelopes, shapes

SIGNATURE = Signature("meta", "x-hub-signature-256", ("app_key", "app_key_before"))


class Meta:
    """A network of Meta's. Its subclasses say what a delivery means."""

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        """The bare challenge when our verify token is given; https://developers.facebook.com/docs/graph-api/webhooks."""
        asked = request.query
        if request.method != "GET" or "hub.mode" not in asked:
            return None
        challenge = meta_challenge(
            str(connection.credentials.get("verify_token") or ""),
            asked["hub.mode"],
            asked.get("hub.verify_token", ""),
            asked.get("hub.challenge", ""),
        )
        return (
            HookAnswer(403, b"the verify token does not fit")
            if challenge is None
            else HookAnswer(200, challenge.encode())
        )

    def split(self, body: bytes) -> list[Envelope]:
        return envelopes.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        found = self.told(shapes.decoded(raw), connection)
        return [] if isinstance(found, str) else found

    def skipped(self, raw: bytes, connection: Connection) -> str:
        """Why a delivery gives no message; "" when it gives one. Raises Unreadable."""
        found = self.told(shapes.decoded(raw), connection)
        return found if isinstance(found, str) else ""

    def told(self, delivery: dict[str, Any], connection: Connection) -> shapes.Found:
        """The messages in a delivery, or why there is none. Raises Unreadable."""
        if "entry" not in delivery:
            return self.answered(delivery, connection)
        kind = shapes.text(delivery.get("object"))
        found: list[IncomingMessage] = []
        reasons: list[str] = []
        for entry in shapes.parts(delivery, "entry"):
            if why := self.foreign(kind, entry, connection):
                reasons.append(why)
                continue
            updates = [(name, update) for name in envelopes.KINDS for update in shapes.parts(entry, name)]
            for name, update in updates:
                told = self.update(name, update, entry, connection)
                if isinstance(told, str):
                    reasons.append(told)
                else:
                    found += told
        return found or "; ".join(dict.fromkeys(reasons)) or "an update without anything in it"

    def foreign(self, kind: str, entry: Mapping[str, Any], connection: Connection) -> str:
        """Why an entry is another network's, "" when it is ours. Raises Unreadable when it is another account's."""
        raise NotImplementedError

    def update(
        self, name: str, update: Mapping[str, Any], entry: Mapping[str, Any], connection: Connection
    ) -> shapes.Found:
        raise NotImplementedError

    def answered(self, found: dict[str, Any], connection: Connection) -> shapes.Found:
        """An object of the Graph API, as a re-reading gets it."""
        raise NotImplementedError


def check_ours(entry: Mapping[str, Any], connection: Connection) -> None:
    """Raises Unreadable for an update of another account: it is kept and shown, and can be read when that one is connected."""
    about = shapes.ident(entry.get("id"))
    if connection.external_id and about != connection.external_id:
        raise Unreadable(f"an update of {about[:60]}, another account than {connection.external_id[:60]}")
