"""Asking a page as somebody, inside a savepoint, and what must not be in the answer."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.http import QueryDict
from django.test import Client

from hark.brands.models import Member

from .world import CANARY, MISSING, Place

CLOSED = (403, 404, 405)  # 405: nobody gets anything by this method
TOKENS = re.compile(r"[A-Za-z0-9_-]{32,}|\d{6,}")


@dataclass
class Answer:
    status: int
    text: str
    where: str  # of a redirect

    @property
    def leaks(self) -> bool:
        return f"{CANARY}-" in (self.text + self.where).lower()


@dataclass
class Actor:
    """Somebody with a browser; `member` is None for a stranger."""

    name: str
    member: Member | None
    client: Client

    @property
    def roles(self) -> list[str]:
        return self.member.roles if self.member and not self.member.left_at else []


@dataclass
class Tally:
    """What was tried, and what went wrong."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def expect(self, holds: bool, kind: str, what: str) -> None:
        self.tried[kind] += 1
        if not holds:
            self.failed.append(f"{kind}: {what}")


def actors(members: dict[str, Member]) -> Iterator[Actor]:
    for name, member in members.items():
        client = Client(raise_request_exception=False)
        client.force_login(member.user)
        yield Actor(name, member, client)
    yield Actor("stranger", None, Client(raise_request_exception=False))


def ask(actor: Actor, method: str, path: str, values: dict[str, Any] | None = None) -> Answer:
    """What the page answers. Whatever it changed is undone."""
    with undone():
        response = getattr(actor.client, method)(path, values or {})
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return Answer(response.status_code, body.decode("utf-8", "replace"), response.get("Location", ""))


def ask_kept(actor: Actor, method: str, path: str, values: dict[str, Any]) -> Answer:
    """As `ask`, but what changed stays until the caller's savepoint ends, to be looked at."""
    response = getattr(actor.client, method)(path, values)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(response.status_code, body.decode("utf-8", "replace"), response.get("Location", ""))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def reading() -> Iterator[set[str]]:
    """The names of the fields that views look at meanwhile, in what was posted or asked; whoever takes all, reads all."""
    read: set[str] = set()

    def noted(way: Callable[..., Any]) -> Callable[..., Any]:
        def reads(values: QueryDict, *key: Any, **more: Any) -> Any:
            if not values._mutable:  # it is being filled
                read.update(key[:1] or dict.keys(values))
            return way(values, *key, **more)

        return reads

    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "__getitem__",
            "__contains__",
            "getlist",
            "__iter__",
            "keys",
            "items",
            "lists",
            "values",
        ):
            patch.setattr(QueryDict, name, noted(getattr(QueryDict, name)))
        yield read


def alike(one: Answer, other: Answer, paths: tuple[str, str]) -> bool:
    """Nobody could tell the two apart: status, length but for what differs by nature, and words."""
    texts = [
        TOKENS.sub("…", answer.text.replace(path, "PATH"))
        for answer, path in zip((one, other), paths, strict=True)
    ]
    return one.status == other.status and texts[0] == texts[1]


def kitchen_sink(place: Place) -> dict[str, Any]:
    """Every name that a form or an address of ours reads, pointing at rows of this brand wherever it can point."""
    pk = place.value
    return {
        "to": pk("member"),
        "assignee": pk("member"),
        "member": pk("member"),
        "members": [pk("member")],
        "team": pk("team"),
        "teams": [pk("team")],
        "location": pk("location"),
        "locations": [pk("location")],
        "into": pk("case"),
        "case": [pk("case"), pk("source_case")],
        "cases": [pk("case"), pk("source_case")],
        "c": [pk("case"), pk("source_case")],
        "message": [pk("inbound"), pk("message")],
        "messages": [pk("inbound"), pk("message")],
        "answers": pk("inbound"),
        "open": pk("case"),
        "undo": pk("regrouping"),
        "account": pk("account"),
        "tag": pk("tag"),
        "tags": pk("tag"),
        "person": pk("person"),
        "other": pk("other_person"),
        "files": pk("picture"),
        "file": pk("picture"),
        "answer": pk("answer"),
        "gap": pk("gap"),
        "version": pk("version"),
        "owner": pk("member"),
        "asked": pk("member"),
        "question": "May it fly home?",
        "due": "240",
        "title": "Ours",
        "own": "Open warmly.",
        "taken": "yes",
        "based_on": "2",
        "blocks-TOTAL_FORMS": "2",
        "blocks-INITIAL_FORMS": "0",
        "blocks-0-kind": "own",
        "blocks-0-text": "Open warmly.",
        "blocks-1-kind": "any",
        "blocks-1-text": "It is free.",
        "values-TOTAL_FORMS": "1",
        "values-INITIAL_FORMS": "0",
        "values-0-name": "limit",
        "values-0-value": "five",
        "values-0-location": pk("location"),
        "q": f"from:{CANARY} assignee:{CANARY}",
        "part": "all",
        "view": "closed",
        "text": "Thank you, we look into it.",
        "note": "Look at this, @ruth",
        "reason": "details",
        "why": "because",
        "priority": "2",
        "until": "2030-01-01T10:00",
        "what": "Call the workshop",
        "press": "5f0f3a52-1f0e-4c9c-9b3c-0d5d3c6b7a11",
        "v-amount": "12.50",
        "v-reason": "taxi",
        "comment": "Say her name, please",
        "minutes": "20",
        "words": "lawyer",
        "promise_reason": "no longer wanted",
        "subject": "Ours",
        "name": "Ours",
        "roles": ["agent"],
        "email": "somebody@ternway.example",
        "seen_version": "0",
        "confirmed": "on",
        "deed": "assign",
        "do": "assign",
        "action": "assign",
    }


def crossings() -> list[str]:
    """Rows of one brand that point at a row of another, as `Model.field`."""
    with connection.cursor() as cursor:
        cursor.execute(_crossings_sql())
        return [name for (name,) in cursor.fetchall()]


@functools.cache
def _crossings_sql() -> str:
    """One statement for every way from a table with a brand to a table with a brand: a hundred of them took long."""
    parts = []
    for model in filter(_has_brand, apps.get_models()):
        table = model._meta.db_table
        for one in model._meta.get_fields():
            if not isinstance(one, (models.ForeignKey, models.ManyToManyField)) or not _has_brand(
                one.related_model
            ):
                continue
            other = one.related_model._meta
            if isinstance(one, models.ForeignKey):
                way = f"JOIN {other.db_table} o ON o.{one.target_field.column} = r.{one.column}"
            else:
                way = (
                    f"JOIN {one.m2m_db_table()} w ON w.{one.m2m_column_name()} = r.id"
                    f" JOIN {other.db_table} o ON o.id = w.{one.m2m_reverse_name()}"
                )
            parts.append(
                f"SELECT '{model.__name__}.{one.name}'"
                f" WHERE EXISTS (SELECT 1 FROM {table} r {way} WHERE o.brand_id <> r.brand_id)"
            )
    return " UNION ALL ".join(parts)


def _has_brand(model: Any) -> bool:
    if isinstance(model, str):
        return False
    return any(field_.name == "brand" for field_ in model._meta.get_fields())


def missing(values: dict[str, Any]) -> dict[str, Any]:
    """The same arguments, naming nothing that exists."""
    return {name: value + MISSING if isinstance(value, int) else value for name, value in values.items()}
