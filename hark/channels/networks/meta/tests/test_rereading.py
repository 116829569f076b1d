"""What no webhook brought is read again, and is the same thing as its webhook would have been."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.registry import network_of

from .conftest import answer

ACCOUNT = {"facebook": "1050001", "instagram": "17841400000000001"}
PUBLIC = pytest.mark.parametrize("slug", ["facebook", "instagram"])


def asks(world, slug, text):
    return (
        world.comments("6600042", "Ana Reis", text)
        if slug == "facebook"
        else world.comments_on_instagram("77001", "lu.pinto", text)
    )


def read(network, connection, batches):
    return [m for batch in batches for one in batch.envelopes for m in network.read(one.raw, connection)]


@PUBLIC
def test_a_gap_closes_with_the_same_messages_that_webhooks_would_have_brought(world, account, heard, slug):
    network, connection = network_of(slug), account(slug)
    told = [
        heard(slug, asks(world, slug, "One")),
        heard(slug, world.writes("31001", "Two", to=ACCOUNT[slug])),
    ]
    network.send(connection, answer(told[0]))
    told.append(heard(slug, world.echoes[-1]))

    batches = network.poll(connection, {})
    found = {message.external_id: message for message in read(network, connection, batches)}
    assert found.keys() == {message.external_id for message in told}
    for message in told:
        again = found[message.external_id]
        assert (again.thread, again.author.external_id, again.text, again.by_brand, again.parent, again.visibility) == (
            message.thread, message.author.external_id, message.text, message.by_brand, message.parent, message.visibility,
        )  # fmt: skip

    world.now += timedelta(minutes=20)
    late = heard(slug, asks(world, slug, "Three"))
    after = {**batches[-1].cursor, "since": (world.now - timedelta(minutes=5)).isoformat()}
    assert [m.external_id for m in read(network, connection, network.poll(connection, after))] == [
        late.external_id
    ]


@PUBLIC
def test_an_app_that_was_unsubscribed_is_subscribed_again(world, account, slug):
    network, connection = network_of(slug), account(slug)
    [batch] = network.poll(connection, {})
    assert (len(world.subscribed), "messages" in world.fields) == (1, True)
    network.poll(connection, batch.cursor)
    assert len([call for call in world.called if call.endswith("subscribed_apps")]) == 2, "asked once an hour"


@PUBLIC
@pytest.mark.parametrize(
    ("how", "failure"),
    [("garbled", TryLater), ("throttled", TryLater), ("lost", TryLater), ("revoked", NeedsReconnect)],
)
def test_a_round_that_fails_moves_nothing(world, account, slug, how, failure):
    world.goes_wrong("conversations", how)
    with pytest.raises(failure):
        network_of(slug).poll(account(slug), {})
