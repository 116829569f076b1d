"""Who wrote: every author of a batch as a profile and a person, in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection

from hark import bulk
from hark.channels.base import Author

from .models import Person, Profile

Identity = tuple[str, str]  # channel, the network's own lasting id


class Known(NamedTuple):
    profile_id: int
    person_id: int
    name: str
    handle: str


def recognise(
    brand_id: int, authors: Iterable[tuple[str, Author]], belongs_to: Mapping[Identity, int] | None = None
) -> dict[Identity, Known]:
    """The profile and person of each (channel, author); strangers become people. Names that changed are renewed.

    `belongs_to` names the person of an identity that is known by other means (a hand-off that was followed).
    Runs under the brand's arrival lock, so no two workers make the same person.
    """
    latest = {(channel, author.external_id[:255]): author for channel, author in authors}
    known = _find(brand_id, list(latest))
    strangers = [identity for identity in latest if identity not in known]
    known |= _welcome(brand_id, {identity: latest[identity] for identity in strangers}, belongs_to or {})
    _renew(known, latest)
    return known


def _find(brand_id: int, identities: list[Identity]) -> dict[Identity, Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.channel, p.external_id, p.id, p.person_id, p.name, p.handle FROM customers_profile p
            JOIN unnest(%s::text[], %s::text[]) AS wanted(channel, external_id) USING (channel, external_id)
            WHERE p.brand_id = %s
            """,
            [
                [channel for channel, _ in identities],
                [external_id for _, external_id in identities],
                brand_id,
            ],
        )
        return {(row[0], row[1]): Known(*row[2:]) for row in cursor.fetchall()}


def _welcome(
    brand_id: int, strangers: Mapping[Identity, Author], belongs_to: Mapping[Identity, int]
) -> dict[Identity, Known]:
    nobody = [identity for identity in strangers if identity not in belongs_to]
    people = dict(zip(nobody, bulk.ids_for(Person, len(nobody)), strict=True))
    bulk.insert(
        Person,
        ["id", "brand_id", "name", "about"],
        [(people[identity], brand_id, _name(strangers[identity])[:200], "") for identity in nobody],
    )
    people |= {identity: belongs_to[identity] for identity in strangers if identity in belongs_to}
    rows = bulk.insert(
        Profile,
        [
            "brand_id",
            "person_id",
            "channel",
            "external_id",
            "handle",
            "name",
            "avatar_url",
            "followers",
            "verified",
        ],
        [
            (
                brand_id,
                people[identity],
                identity[0],
                identity[1],
                author.handle[:255],
                author.name[:200],
                author.avatar_url[:2000],
                author.followers,
                author.verified,
            )
            for identity, author in strangers.items()
        ],
        returning="channel, external_id, id, person_id, name, handle",
    )
    return {(row[0], row[1]): Known(*row[2:]) for row in rows}


def _renew(known: dict[Identity, Known], latest: Mapping[Identity, Author]) -> None:
    changed = [
        (
            known[identity].profile_id,
            author.handle[:255],
            author.name[:200],
            author.avatar_url[:2000],
            author.followers,
        )
        for identity, author in latest.items()
        if (author.name and author.name[:200] != known[identity].name)
        or (author.handle and author.handle[:255] != known[identity].handle)
    ]
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE customers_profile p SET
                handle = coalesce(nullif(new.handle, ''), p.handle), name = coalesce(nullif(new.name, ''), p.name),
                avatar_url = coalesce(nullif(new.avatar_url, ''), p.avatar_url),
                followers = coalesce(new.followers, p.followers)
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])
                AS new(id, handle, name, avatar_url, followers)
            WHERE p.id = new.id
            """,
            [list(column) for column in zip(*changed, strict=True)],
        )


def _name(author: Author) -> str:
    return author.name or author.handle or author.external_id
