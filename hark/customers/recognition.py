"""Who wrote: every author of a batch as a profile and a person, in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import connection

from hark import bulk
from hark.channels.base import Author

from .models import Person, Profile

Identity = tuple[int, str, str]  # brand, channel, the network's own lasting id


class Known(NamedTuple):
    profile_id: int
    person_id: int
    name: str
    handle: str


def recognise(
    authors: Iterable[tuple[int, str, Author]], belongs_to: Mapping[Identity, int]
) -> dict[Identity, Known]:
    """The profile and person of each (brand, channel, author); strangers become people, changed names are renewed.

    `belongs_to` names the person of an identity that is known by other means (a hand-off that was followed).
    Runs under the brands' arrival locks, so no two workers make the same person.
    """
    latest = {(brand, channel, author.external_id[:255]): author for brand, channel, author in authors}
    if not latest:
        return {}
    known = _find(list(latest))
    known |= _welcome({one: author for one, author in latest.items() if one not in known}, belongs_to)
    _renew(known, latest)
    return known


def also_known_as(person: Person, channel: str, author: Author) -> None:
    """The person is this profile too: a network that knows people by another id in private said so.

    A profile that somebody has already stays theirs.
    """
    Profile.objects.get_or_create(
        brand_id=person.brand_id,
        channel=channel,
        external_id=author.external_id[:255],
        defaults={"person": person, "handle": author.handle[:255], "name": author.name[:200] or person.name},
    )


def _find(identities: list[Identity]) -> dict[Identity, Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.brand_id, p.channel, p.external_id, p.id, p.person_id, p.name, p.handle
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted(brand_id, channel, name)
            CROSS JOIN LATERAL (
                SELECT * FROM customers_profile WHERE brand_id = wanted.brand_id AND channel = wanted.channel
                AND external_id = wanted.name LIMIT 1
            ) p
            """,
            [list(column) for column in zip(*identities, strict=True)],
        )
        return {row[:3]: Known(*row[3:]) for row in cursor.fetchall()}


PROFILE = ["id", "brand_id", "person_id", "channel", "external_id", "handle", "name", "avatar_url", "followers",
           "verified"]  # fmt: skip


def _welcome(
    strangers: Mapping[Identity, Author], belongs_to: Mapping[Identity, int]
) -> dict[Identity, Known]:
    nobody = [identity for identity in strangers if identity not in belongs_to]
    people = dict(zip(nobody, bulk.ids_for(Person, len(nobody)), strict=True))
    bulk.insert(
        Person,
        ["id", "brand_id", "name", "about"],
        [(people[identity], identity[0], _name(strangers[identity])[:200], "") for identity in nobody],
    )
    people |= {identity: belongs_to[identity] for identity in strangers if identity in belongs_to}
    profiles = dict(zip(strangers, bulk.ids_for(Profile, len(strangers)), strict=True))
    bulk.insert(
        Profile,
        PROFILE,
        [
            (
                profiles[identity], identity[0], people[identity], identity[1], identity[2], author.handle[:255],
                author.name[:200], author.avatar_url[:2000], author.followers, author.verified,
            )
            for identity, author in strangers.items()
        ],
    )  # fmt: skip
    return {
        identity: Known(profiles[identity], people[identity], author.name[:200], author.handle[:255])
        for identity, author in strangers.items()
    }


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
