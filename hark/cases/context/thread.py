"""What was said on a case, in its two places: the public thread with everybody in it, and the private conversation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from hark.brands.models import Member
from hark.cases.models import Case, Message, Thread

from .paging import Key, read_key

NEWEST = 50
NEVER_LEFT_SHOWN = timedelta(hours=1)  # how long a reply that was taken back stays as a line in the thread


@dataclass(frozen=True)
class Item:
    """One entry of a conversation: a message, a reply that is not out there (yet), or an invitation to private."""

    at: datetime
    message: Message | None = None
    reply: Any = None
    move: Any = None
    beside: bool = False  # somebody else's words in the same public thread, or those of another case

    @property
    def anchor(self) -> str:
        if self.message:
            return f"message-{self.message.pk}"
        return f"reply-{self.reply.pk}" if self.reply else f"move-{self.move.pk}"


@dataclass(frozen=True)
class Section:
    """One of the two places."""

    items: list[Item] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    earlier: str = ""  # key of the page before; empty when this is the beginning
    is_newest: bool = True

    def __bool__(self) -> bool:
        return bool(self.items)

    @property
    def last(self) -> Item | None:
        return self.items[-1] if self.items else None

    @property
    def joined(self) -> int:
        """How many other people speak here."""
        said = [item.message for item in self.items if item.beside and item.message]
        return len({message.profile_id for message in said if not message.outbound})


@dataclass(frozen=True)
class Conversation:
    public: Section
    private: Section

    @property
    def threads(self) -> list[Thread]:
        return self.public.threads + self.private.threads

    @property
    def is_empty(self) -> bool:
        return not self.public and not self.private


def conversation(
    case: Case, *, public_before: str = "", private_before: str = "", focus: int | None = None
) -> Conversation:
    """The newest fifty of each place, or those before a key; with `focus`, as far back as that message needs.

    A constant number of queries.
    """
    threads = list(
        Thread.objects.filter(messages__case=case)
        .select_related("account")
        .order_by("created_at", "id")
        .distinct()
    )
    keys = {False: read_key(public_before), True: read_key(private_before)}
    if focus and not any(keys.values()):
        keys.update(_key_for(case, focus))
    public_ids = [thread.pk for thread in threads if not thread.private]
    own, own_more = _newest(Message.objects.filter(case=case, private=False), keys[False])
    others = Message.objects.filter(thread__in=public_ids, private=False).filter(~Q(case=case) | Q(case=None))
    beside, beside_more = _newest(others, keys[False])
    private, private_more = _newest(Message.objects.filter(case=case, private=True), keys[True])
    prefetch_related_objects([*own, *beside, *private], "media", "reply__files")

    replies = _not_out_there(case)
    said = [Item(message.published_at, message=message) for message in own]
    said += [Item(message.published_at, message=message, beside=True) for message in beside]
    if keys[False] is None:
        said += [Item(move.at, move=move) for move in case.moves.select_related("by__user", "secure_page")]
        said += [Item(reply.queued_at, reply=reply) for reply in replies if not reply.private]
    whispered = [Item(message.published_at, message=message) for message in private]
    if keys[True] is None:
        whispered += [Item(reply.queued_at, reply=reply) for reply in replies if reply.private]
    return Conversation(
        Section(
            _in_order(said),
            [t for t in threads if not t.private],
            _earlier(own, own_more, beside, beside_more),
            keys[False] is None,
        ),
        Section(
            _in_order(whispered),
            [t for t in threads if t.private],
            _earlier(private, private_more),
            keys[True] is None,
        ),
    )


def seen_by_now(case: Case, member: Member, seen_version: int) -> int:
    """The version an open page has shown: that of the case, unless a colleague answered since `seen_version`.

    Then it stays, so that the next press is stopped and shows the answer: two agents never answer unknowingly.
    """
    if seen_version >= case.version:
        return seen_version
    newest = case.messages.order_by("-arrived_at", "-id").values_list("outbound", "member")
    missed = newest[: case.version - seen_version]
    answered = any(outbound and author != member.pk for outbound, author in missed)
    return seen_version if answered else case.version


def _newest(messages: Any, key: Key | None) -> tuple[list[Message], bool]:
    if key:
        messages = messages.filter(published_at__lte=key.at).exclude(published_at=key.at, id__gte=key.pk)
    rows = messages.select_related("profile", "member__user", "reply").order_by("-published_at", "-id")
    found = list(rows[: NEWEST + 1])
    return found[:NEWEST], len(found) > NEWEST


def _earlier(*lists_and_flags: Any) -> str:
    """The key before which the next page starts: the youngest end of the lists that go on, so that nothing is skipped."""
    ends = [
        Key(found[-1].published_at, found[-1].pk)
        for found, more in zip(lists_and_flags[::2], lists_and_flags[1::2], strict=True)
        if more
    ]
    return max(ends, key=lambda key: (key.at, key.pk)).written() if ends else ""


def _in_order(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.at, item.message.pk if item.message else 2**63))


def _key_for(case: Case, focus: int) -> dict[bool, Key]:
    """The page that ends with a message further back than the newest; {} when it is on the first page anyway."""
    message = Message.objects.filter(case=case, pk=focus).first()
    if message is None:
        return {}
    later = Message.objects.filter(case=case, private=message.private, published_at__gt=message.published_at)
    if len(later.values_list("pk")[: NEWEST - 1]) < NEWEST - 1:
        return {}
    return {message.private: Key(message.published_at, message.pk + 1)}


def _not_out_there(case: Case) -> list[Any]:
    """Replies on their way, refused, held, or just taken back; and one that left before the network showed it to us."""
    recently = timezone.now() - NEVER_LEFT_SHOWN
    found: list[Any] = list(
        case.replies.filter(message=None)
        .exclude(state="withdrawn", queued_at__lt=recently)
        .select_related("author__user", "account")
        .prefetch_related("files")
        .order_by("queued_at", "batch", "position")
    )
    asked = {row.batch: row for row in case.approvals.select_related("decided_by__user")} if found else {}
    for reply in found:
        reply.approval = asked.get(reply.batch)
    return found
