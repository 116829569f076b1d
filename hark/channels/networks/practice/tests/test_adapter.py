"""What may be posted to a hook of the practice network, and how a poll reads its feed."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from hark.channels.base import Unreadable
from hark.channels.networks.practice import world
from hark.channels.networks.practice.adapter import Practice
from tests import looping

from .conftest import NOON, Corner

EVENT = {
    "key": "p1.1",
    "id": "p1",
    "at": "2026-01-05T12:00:00Z",
    "text": "Belt 3 ate my bag 🧳",
    "author": {"id": "maya", "handle": "maya.on.rails", "name": "Maya Lindqvist", "followers": 4180},
}


def test_each_event_of_a_batch_is_kept_byte_for_byte():
    one, two = '{"key" : "a.1",  "x": "\\u00e9"}', '{"key":"b.1"}'
    body = f'{{"events": [ {one} , {two} ]}}'.encode()
    assert [(e.event_key, e.raw.decode()) for e in Practice().split(body)] == [("a.1", one), ("b.1", two)]


def test_a_single_event_is_a_body_too():
    body = json.dumps(EVENT).encode()
    assert [(e.event_key, e.raw) for e in Practice().split(body)] == [("p1.1", body)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"events": []}',
        b'{"events": [1]}',
        b'{"key": ""}',
        b'{"key": "\xff"}',
        json.dumps({"events": [EVENT] * 1001}).encode(),
        b'{"events": [{"key": "a"}, {"kay": "b"}]}',
    ],
)
def test_what_cannot_be_split_is_said_to_be_unreadable(body):
    with pytest.raises(Unreadable):
        Practice().split(body)


def test_a_post_is_read_with_all_it_says(corner):
    more = {
        "private": True,
        "thread": "dm-maya",
        "rating": 2,
        "lang": "en",
        "ref": "t",
        "version": 3,
        "pictures": [{"url": "https://pictures.example/1.png", "alt": "a torn strap"}],
    }
    [message] = corner.network.read(json.dumps(EVENT | more).encode(), corner.connection)
    assert message.author.followers == 4180
    assert (message.visibility, message.thread, message.rating, message.handoff_token) == (
        "private",
        "dm-maya",
        2,
        "t",
    )
    assert message.media[0].alt == "a torn strap"
    assert message.at == NOON


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-01-05T12:00:00"},
        {"author": None},
        {"id": ""},
        {"rating": 9},
        {"type": "shout"},
        {"author": {"id": "m" * 300}},
    ],
)
def test_a_shape_that_is_not_the_networks_is_unreadable(corner, change):
    with pytest.raises(Unreadable):
        corner.network.read(json.dumps(EVENT | change).encode(), corner.connection)


@pytest.mark.django_db(transaction=True)
def test_a_poll_goes_on_where_it_stopped_and_says_what_it_reads_again():
    corner = Corner(world.open_world("ternway", is_live=False, arrivals=False, now=NOON))
    for _ in range(3):
        world.play("ternway", "belt_pile_on")
    world.advance("ternway", NOON.replace(hour=13))

    async def first(cursor, count):
        feed = corner.network.collect(corner.connection, cursor)
        batches = [await anext(feed) for _ in range(count)]
        await feed.aclose()
        await sync_to_async(connections.close_all)()
        return batches

    [batch] = looping.run(first({}, 1))
    assert len(batch.envelopes) == 24
    assert batch.wait_seconds > 0
    [nothing_new] = looping.run(first(batch.cursor, 1))
    assert nothing_new.envelopes == ()

    corner.network.page_limit = 10
    pages = looping.run(first({}, 3))
    assert [len(page.envelopes) for page in pages] == [10, 10, 4]
    assert [page.gap[:9] for page in pages] == ["since 12:", "since 12:", ""]
