"""A review site as Hark speaks it. Each site's folder says what it can do and how it is asked (`Site`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from hark.channels.abilities import Finding
from hark.channels.base import (
    Author,
    Batch,
    Capabilities,
    Connection,
    HookAnswer,
    HookRequest,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
)

from . import collecting
from .site import Site


class Reviews:
    """The verbs that all of them have. An answer is put below the review, and takes the place of the one before."""

    slug: ClassVar[str]
    can: ClassVar[Capabilities]
    nothing_private: ClassVar[Any]  # lazy text: what there is instead

    def site(self, connection: Connection) -> Site:
        """The site, asked as this account. Raises NeedsReconnect when there is nothing to ask it with."""
        raise NotImplementedError

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return HookAnswer(404)  # nobody calls us

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
        return collecting.poll(self.site(connection), connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        if reply.visibility == "private":
            raise Refused("never", str(self.nothing_private))
        site = self.site(connection)  # an account that may not speak says so first
        self._check(reply.text)
        return site.answer(_review(reply), reply.text)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        """Our words below the review now. What isn't there may be put there again: there is only ever one answer."""
        site = self.site(connection)
        found = site.answered(_review(reply))
        return found[1] if found and _same(found[0], reply.text) else None

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        self._check(text)
        return self.site(connection).answer(_named(facts), text)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        try:
            self.site(connection).withdraw(_named(facts), facts)
        except Refused as problem:
            if problem.code != "gone":
                raise

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=str(self.nothing_private))

    def test(self, connection: Connection) -> list[Finding]:
        return self.site(connection).findings()

    def _check(self, text: str) -> None:
        limit = self.can.public_text
        if not text.strip():
            raise Refused("never", _("There is nothing to send."))
        length = len(text.encode("utf-8", "replace")) if limit and limit.unit == "bytes" else len(text)
        if limit and length > limit.value:
            raise Refused(
                "too_long",
                _("It is too long for %(network)s, which takes %(most)d.")
                % {"network": self.can.label, "most": limit.value},
            )


def _review(reply: OutgoingReply) -> str:
    return _named(reply.parent_facts, reply.parent)


def _named(facts: Mapping[str, Any], otherwise: str = "") -> str:
    found = facts.get("review") or otherwise
    if not isinstance(found, str) or not found.strip():
        raise Refused("gone", _("It is not known which review this answers."))
    return found


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())
