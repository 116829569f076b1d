"""What a batch of incoming messages means for what is known: new, changed, taken back, reacted to.

Deliveries come at least once and in any order. A message is unique by account and external id; an older version never
overwrites a newer one; what was deleted stays deleted, also when its creation arrives later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from hark import bulk, erasures
from hark.brands.models import Brand
from hark.channels import intake
from hark.channels.base import IncomingMessage
from hark.channels.models import Account
from hark.channels.reading import Incoming
from hark.customers.recognition import Identity, Known

from . import copying
from .models import Media, Message, Thread
from .place import Place
from .words import vector

Key = tuple[int, str]  # account, external id


@dataclass(slots=True)
class Kept:
    """A message as this batch leaves it. `id` is None until it is written; `case_id` is set by opening.py."""

    account: Account
    message: IncomingMessage
    thread_id: int
    delivery_id: int
    who: Known | None
    published_at: datetime  # of its creation, once that is known: an edit may come first
    id: int | None = None
    stored_case_id: int | None = None
    place: Place | None = None  # the case that opening.py found for it
    text: str = ""
    version: str = ""
    facts: Mapping[str, Any] | None = None  # those of a newer version, laid over what is stored
    earlier: list[dict[str, Any]] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reactions: dict[str, int] = field(default_factory=dict)
    rating: int | None = None
    is_new: bool = False
    is_changed: bool = False
    is_mended: bool = False  # what its case tells of it (first, last, snippet) has to be looked up again
    speaks_again: bool = False  # a review was changed: its author says something new
    author: str = ""  # name and handle: words of the search
    events: set[str] = field(default_factory=set)  # kinds for the history: edited, deleted

    @property
    def brand(self) -> Brand:
        return self.account.brand

    @property
    def is_by_customer(self) -> bool:
        return not self.message.by_brand and self.who is not None

    @property
    def person_id(self) -> int:
        if self.who is None:
            raise ValueError("nobody known wrote this")
        return self.who.person_id

    @property
    def case_id(self) -> int | None:
        return self.place.id if self.place else self.stored_case_id


def keep(incoming: Iterable[Incoming], people: Mapping[Identity, Known]) -> list[Kept]:
    """The messages that this batch makes or changes, in order of arrival. Threads are stored, messages not yet."""
    batch = list(incoming)
    threads = _threads(batch)
    known = _known(batch)
    for one in batch:
        key = (one.account.pk, one.message.external_id[:512])
        if one.message.kind == "reacted":
            if key in known:
                _react(known[key], one.message)
            continue
        if key not in known:
            known[key] = _begin(one, threads[one.account.pk, thread_name(one.message)], people)
            continue
        _change(known[key], one)
    return [kept for kept in known.values() if kept.is_new or kept.is_changed]


def thread_name(message: IncomingMessage) -> str:
    return (message.thread or message.external_id)[:512]


def _begin(one: Incoming, thread_id: int, people: Mapping[Identity, Known]) -> Kept:
    message = one.message
    author = message.author
    who = (
        people.get((one.account.brand_id, one.account.channel, author.external_id[:255]))
        if author and not message.by_brand
        else None
    )
    kept = Kept(one.account, message, thread_id, one.delivery.pk, who, message.at, is_new=True)
    kept.version = message.version[:128]
    kept.author = f"{author.name} {author.handle}" if author else ""
    if message.kind == "deleted":
        kept.deleted_at = message.at  # a stub, so that a creation that comes later makes nothing
        intake.blank([one.delivery.pk])
    else:
        kept.text, kept.rating, kept.facts = message.text, message.rating, message.facts
        kept.edited_at = message.at if message.kind == "edited" else None
    return kept


def _change(kept: Kept, one: Incoming) -> None:
    message = one.message
    if kept.deleted_at is not None:
        intake.blank([one.delivery.pk])
        return
    if message.kind == "deleted":
        kept.deleted_at = message.at
        kept.is_changed = kept.is_mended = True
        kept.events.add("deleted")
        intake.blank([kept.delivery_id, one.delivery.pk, *(entry.get("delivery") for entry in kept.earlier)])
        kept.text, kept.earlier = "", []
        return
    if message.kind == "created" and message.at < kept.published_at:  # an edit had overtaken it
        kept.published_at = message.at
        kept.is_changed = kept.is_mended = True
    if not message.version and message.kind != "edited":
        return
    newer = _is_newer(kept, message)
    if newer and (message.version != kept.version or not message.version):
        kept.facts = {**(kept.facts or {}), **message.facts}  # an answer goes to the version that stands
        kept.is_changed = True
    if (message.text, message.rating) != (kept.text, kept.rating):
        _change_text(kept, message, one.delivery.pk, newer)
    elif newer:
        kept.version = message.version[:128]


def _is_newer(kept: Kept, message: IncomingMessage) -> bool:
    if message.version:
        return message.version >= kept.version
    return not kept.version and message.at >= (kept.edited_at or kept.published_at)


def _change_text(kept: Kept, message: IncomingMessage, delivery_id: int, newer: bool) -> None:
    """The newest version stands, the others are kept as what it said before, in the order of their versions."""
    said_at = kept.edited_at or kept.published_at
    if newer:
        before = _version(kept.text, kept.version, said_at, kept.delivery_id, kept.rating)
        kept.delivery_id, kept.text, kept.version = delivery_id, message.text, message.version[:128]
        kept.rating, kept.edited_at = message.rating, message.at
        if message.rating is not None and not message.by_brand:
            kept.message, kept.speaks_again = message, True
        kept.events.add("edited")
    else:
        before = _version(message.text, message.version[:128], message.at, delivery_id, message.rating)
        if any(known["text"] == before["text"] for known in kept.earlier):
            return
    kept.earlier = sorted([*kept.earlier, before], key=_order)
    ends = [*(entry.get("at", "") for entry in kept.earlier[1:]), _iso(kept.edited_at or kept.published_at)]
    for entry, until in zip(kept.earlier, ends, strict=True):
        entry["until"] = until or entry.get("until", "")
    kept.is_changed = kept.is_mended = True


def _version(text: str, version: str, at: datetime, delivery_id: int, rating: int | None) -> dict[str, Any]:
    said = {"text": text, "version": version, "at": _iso(at), "delivery": delivery_id}
    return said if rating is None else {**said, "rating": rating}


def _order(entry: dict[str, Any]) -> tuple[str, str]:
    return entry.get("version", ""), entry.get("at", "")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _react(kept: Kept, message: IncomingMessage) -> None:
    name = (message.reaction or "like")[:40]
    kept.reactions[name] = kept.reactions.get(name, 0) + 1
    kept.is_changed = True


def _threads(batch: list[Incoming]) -> dict[tuple[int, str], int]:
    """The id of every thread of the batch; new ones are made."""
    wanted = {
        (one.account.pk, thread_name(one.message)): one for one in batch if one.message.kind != "reacted"
    }
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.account_id, t.external_id, t.id FROM unnest(%s::bigint[], %s::text[]) AS wanted(account_id, name)
            CROSS JOIN LATERAL (
                SELECT * FROM cases_thread WHERE account_id = wanted.account_id AND external_id = wanted.name LIMIT 1
            ) t
            """,
            [[account for account, _ in wanted], [name for _, name in wanted]],
        )
        found = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    rows = bulk.insert(
        Thread,
        ["brand_id", "account_id", "external_id", "private", "url"],
        [
            (one.account.brand_id, account, name, one.message.visibility == "private", "")
            for (account, name), one in wanted.items()
            if (account, name) not in found
        ],
        returning="account_id, external_id, id",
    )
    return found | {(row[0], row[1]): row[2] for row in rows}


KNOWN_SQL = """
    SELECT m.id, m.account_id_at, m.external_id, m.thread_id, m.case_id, m.version, m.text, m.earlier, m.deleted_at,
           m.delivery_id, m.reactions, m.outbound, m.edited_at, m.published_at, concat_ws(' ', p.name, p.handle), m.rating
    FROM unnest(%s::bigint[], %s::text[]) AS wanted(account_id, name)
    CROSS JOIN LATERAL (
        SELECT * FROM cases_message WHERE account_id_at = wanted.account_id AND external_id = wanted.name LIMIT 1
    ) m
    LEFT JOIN customers_profile p ON p.id = m.profile_id
"""


def _known(batch: list[Incoming]) -> dict[Key, Kept]:
    """What is stored already of the messages in this batch."""
    accounts = {one.account.pk: one.account for one in batch}
    keys = {(one.account.pk, one.message.external_id[:512]) for one in batch}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_SQL, [[account for account, _ in keys], [name for _, name in keys]])
        rows = cursor.fetchall()
    known: dict[Key, Kept] = {}
    for row in rows:
        shown = IncomingMessage("created", row[2], at=row[13], by_brand=row[11])
        known[row[1], row[2]] = Kept(
            account=accounts[row[1]],
            message=shown,
            thread_id=row[3],
            delivery_id=row[9] or 0,
            who=None,
            published_at=row[13],
            author=row[14],
            rating=row[15],
            id=row[0],
            stored_case_id=row[4],
            text=row[6],
            version=row[5],
            earlier=msgspec.json.decode(row[7]) if isinstance(row[7], str | bytes) else row[7],
            edited_at=row[12],
            deleted_at=row[8],
            reactions=msgspec.json.decode(row[10]) if isinstance(row[10], str | bytes) else row[10],
        )
    return known


COLUMNS = [
    "id", "brand_id", "thread_id", "case_id", "profile_id", "account_id_at", "external_id", "parent_external_id",
    "quote_external_id", "version", "outbound", "private", "text", "lang", "url", "rating", "reactions", "facts",
    "earlier", "published_at", "edited_at", "deleted_at", "delivery_id", "search",
]  # fmt: skip


def write(kept: Iterable[Kept]) -> None:
    """Store new messages with their media, and the changes to old ones."""
    batch = list(kept)
    new = [one for one in batch if one.is_new]
    for one, pk in zip(new, bulk.ids_for(Message, len(new)), strict=True):
        one.id = pk
    bulk.insert(Message, COLUMNS, [_row(one) for one in new])
    bulk.insert(
        Media,
        ["message_id", "kind", "url", "alt", "content_type"],
        [
            (one.id, medium.kind, medium.url[:4000], medium.alt[:4000], medium.content_type[:100])
            for one in new
            if one.deleted_at is None
            for medium in one.message.media
        ],
    )
    _write_changes([one for one in batch if one.is_changed and not one.is_new])
    if gone := [one for one in batch if one.deleted_at is not None]:
        _note_erased(gone)


def _note_erased(gone: list[Kept]) -> None:
    """On the list that outlives the database, so that no restored backup brings them back."""
    erased = [
        ((one.account.channel, one.account.external_id, one.message.external_id[:512]), one.deleted_at)
        for one in gone
        if one.deleted_at
    ]
    erasures.note(erased, data=settings.HARK_DATA, key=settings.HARK_ERASURE_KEYS[0])


def _row(one: Kept) -> tuple[Any, ...]:
    message = one.message
    gone = one.deleted_at is not None
    return (
        one.id,
        one.account.brand_id,
        one.thread_id,
        one.case_id,
        one.who.profile_id if one.who else None,
        one.account.pk,
        message.external_id[:512],
        message.parent[:512],
        message.quote[:512],
        one.version,
        message.by_brand,
        message.visibility == "private",
        one.text,
        message.lang[:16],
        "" if gone else message.url[:2000],
        one.rating,
        json(one.reactions),
        "{}" if gone else json({**message.facts, **(one.facts or {})}),
        json(one.earlier),
        one.published_at,
        one.edited_at,
        one.deleted_at,
        one.delivery_id,
        None if gone else vector(one.text, one.author),
    )


def _write_changes(changed: list[Kept]) -> None:
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_message m SET
                text = new.text, version = new.version, earlier = new.earlier, edited_at = new.edited_at,
                deleted_at = new.deleted_at, reactions = new.reactions, delivery_id = new.delivery_id,
                published_at = new.published_at, rating = new.rating,
                search = CASE WHEN new.deleted_at IS NOT NULL THEN NULL
                              WHEN new.text IS DISTINCT FROM m.text THEN new.search ELSE m.search END,
                url = CASE WHEN new.deleted_at IS NULL THEN m.url ELSE '' END,
                facts = CASE WHEN new.deleted_at IS NULL THEN m.facts || new.facts ELSE '{}' END
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[],
                        %s::jsonb[], %s::bigint[], %s::tsvector[], %s::timestamptz[], %s::smallint[], %s::jsonb[])
                AS new(id, text, version, earlier, edited_at, deleted_at, reactions, delivery_id, search, published_at,
                        rating, facts)
            WHERE m.id = new.id
            """,
            [
                [one.id for one in changed],
                [one.text for one in changed],
                [one.version for one in changed],
                [json(one.earlier) for one in changed],
                [one.edited_at for one in changed],
                [one.deleted_at for one in changed],
                [json(one.reactions) for one in changed],
                [one.delivery_id or None for one in changed],
                [vector(one.text, one.author) for one in changed],
                [one.published_at for one in changed],
                [one.rating for one in changed],
                [json(one.facts or {}) for one in changed],
            ],
        )
    gone = [one.id for one in changed if one.deleted_at is not None]
    if gone:
        copying.remove(Media.objects.filter(message__in=gone))


def json(value: Any) -> str:
    return msgspec.json.encode(value).decode().replace("\\u0000", "\ufffd")
