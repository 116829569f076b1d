"""With Jetstream, deletions and the brand's own answers are seen at once; without it, they are seen later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bluesky_people import until
from tests.jetstream_bridge import Bridge

from .conftest import Collected

pytestmark = pytest.mark.peer
SLOWLY = {"poll_seconds": 60, "stream_refresh_seconds": 0.3}  # what is seen soon was told by the stream


@pytest.fixture
def bridge(atproto):
    with Bridge(atproto) as found:
        yield found


@pytest.mark.parametrize("first", [True, False], ids=["first form", "second form"])
def test_a_deletion_and_an_answer_elsewhere_are_told_by_the_stream(account, bridge, ternway, maya, first):
    post = maya.says("I will regret this", to=ternway)
    own = ternway.says("Good morning!")
    with Collected(replace(account, settings={**SLOWLY, "jetstream": bridge.url(first=first)})) as hark:
        hark.said("I will regret this")
        until(lambda: bridge.connections > 0 and bridge.clients, "the stream is followed")

        ternway.answers(post, "No need to regret anything.")
        hark.said("No need to regret")
        maya.client.delete_post(post.uri)
        gone = hark.sees(lambda message: message.kind == "deleted", "the deletion")
        assert gone.external_id == post.uri
        assert own.uri not in [message.external_id for message in hark.messages if message.kind == "deleted"]
        until(lambda: hark.cursor["stream"]["at"], "how far the stream was heard is stored")
        assert hark.cursor["stream"]["host"] == bridge.url(first=first)


def test_a_stream_that_breaks_is_taken_up_where_it_was(account, bridge, ternway, maya):
    post = maya.says("hold the line", to=ternway)
    with Collected(replace(account, settings={**SLOWLY, "jetstream": bridge.url()})) as hark:
        hark.said("hold the line")
        until(lambda: bridge.clients, "the stream is followed")
        kept = maya.says("unrelated")
        bridge.drop()
        maya.client.delete_post(post.uri)
        gone = hark.sees(
            lambda message: message.kind == "deleted", "the deletion, after a new connection", seconds=30
        )
        assert gone.external_id == post.uri
        assert kept.uri not in hark.raw


def test_a_stream_that_is_not_there_harms_nothing(account, ternway, maya):
    with Collected(
        replace(account, settings={"poll_seconds": 0.3, "jetstream": "ws://localhost:1/subscribe"})
    ) as hark:
        maya.says("polls find everything", to=ternway)
        hark.said("polls find everything")


@pytest.mark.parametrize(
    "url", ["ws://10.0.0.1/subscribe", "wss://localhost.evil.example@10.0.0.1/", "file:///etc/passwd"]
)
def test_a_stream_inside_the_private_network_is_not_followed(account, ternway, maya, url):
    with Collected(replace(account, settings={"poll_seconds": 0.3, "jetstream": url})) as hark:
        maya.says("still here", to=ternway)
        hark.said("still here")
