"""What the recorded payloads say, and the rules behind them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from hark.channels import contract
from hark.channels.base import IncomingMessage, Skipped, Unreadable
from hark.channels.networks.bluesky import jetstream, records, shapes
from hark.channels.networks.bluesky.adapter import Bluesky

network = Bluesky()
account = contract.account(network)
BRAND, MAYA = account.external_id, "did:plc:mayamayamayamayamayamaya"


def recorded(name: str) -> list[IncomingMessage]:
    return [
        message
        for where, body in contract.bodies(network)
        if where.startswith(name)
        for envelope in network.split(body)
        for message in network.read(envelope.raw, account)
    ]


def test_both_forms_of_the_stream_say_the_same():
    messages = recorded("jetstream")
    half = len(messages) // 2
    first, second = messages[:half], messages[half:]

    def told(message):
        return message.kind, message.external_id, message.text, message.reaction, message.version

    assert [told(message) for message in first] == [told(message) for message in second]
    assert [message.kind for message in first] == ["created", "reacted", "edited", "deleted"]


def test_a_chat_entry_of_a_kind_that_is_new_to_us_is_skipped():
    [message] = recorded("chat_log")
    assert (message.text, message.author.name) == ("me too", "Maya Lindqvist")
    assert message.parent == "3n32uokxiwc22"
    assert message.quote == f"at://{BRAND}/app.bsky.feed.post/3n32uo7nprk2f"


def test_the_networks_recorded_stream_is_read(shared):
    """Events of other people, recorded on the public network: they parse, and say nothing to us."""
    lines = (shared / "data/payloads/bluesky/jetstream_events.ndjson").read_bytes().splitlines()
    assert len(lines) == 6
    for line in lines:
        [envelope] = network.split(line)
        assert envelope.event_key
        assert network.read(envelope.raw, account) == []


def test_the_networks_recorded_answers_are_read(shared):
    """Feeds, a thread and a record by itself as the public AppView gave them; others say what they are."""
    seen, skipped = 0, []
    with gzip.open(shared / "data/payloads/bluesky/xrpc_responses.ndjson.gz") as lines:
        for line in lines:
            try:
                envelopes = network.split(json.dumps(json.loads(line)["payload"]).encode())
            except Skipped as reason:
                skipped.append(str(reason))
                continue
            for envelope in envelopes:
                for message in network.read(envelope.raw, account):
                    contract.check_message(message)
                    assert message.url.startswith("https://bsky.app/profile/did:")
                    assert f"at://{message.author.external_id}/" in message.external_id
                    seen += 1
    assert seen >= 2
    assert len(skipped) == 3
    assert all(skipped)


def notification(**changed) -> bytes:
    record = {"$type": "app.bsky.feed.post", "text": "hi", "createdAt": "2026-11-20T10:00:00Z"} | changed.pop(
        "record", {}
    )
    note = {
        "uri": f"at://{MAYA}/app.bsky.feed.post/3n32", "cid": "bafyabc", "author": {"did": MAYA, "handle": "maya.test"},
        "reason": "mention", "record": record, "indexedAt": "2026-11-20T10:00:01Z",
    }  # fmt: skip
    return json.dumps(note | changed).encode()


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        ("2026-11-20T09:59:00Z", "2026-11-20T09:59:00+00:00"),
        ("2026-11-20T10:59:00+01:00", "2026-11-20T09:59:00+00:00"),
        ("2026-11-20T09:59:00", "2026-11-20T09:59:00+00:00"),
        ("2031-01-01T00:00:00Z", "2026-11-20T10:00:01+00:00"),
        ("1999-01-01T00:00:00Z", "2026-11-20T10:00:01+00:00"),
        ("yesterday", "2026-11-20T10:00:01+00:00"),
        ("0001-01-01T00:00:00+14:00", "2026-11-20T10:00:01+00:00"),
    ],
)
def test_a_time_that_can_not_be_is_replaced_by_when_the_network_saw_it(claimed, believed):
    [message] = network.read(notification(record={"createdAt": claimed}), account)
    assert message.at.isoformat() == believed


def test_the_brands_own_posts_are_told_from_others():
    own = notification(uri=f"at://{BRAND}/app.bsky.feed.post/3n32", author={"did": BRAND})
    assert network.read(own, account)[0].by_brand
    with pytest.raises(Unreadable):
        network.read(notification(author={"did": BRAND}), account)


@pytest.mark.parametrize(
    "reason", ["follow", "repost", "starterpack-joined", "contact-match", "something-new"]
)
def test_notifications_that_say_nothing_are_passed_over(reason):
    assert network.read(notification(reason=reason), account) == []


def test_whole_addresses_are_kept_for_links_that_the_text_cuts_short():
    link = {
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://ternway.example/a/long/way"}]
    }
    [message] = network.read(notification(record={"facets": [link, {"features": 7}, {}]}), account)
    assert message.facts["links"] == ["https://ternway.example/a/long/way"]


def test_pictures_without_a_view_are_found_by_their_blobs():
    blob = {"$type": "blob", "ref": {"$link": "bafkrei123"}, "mimeType": "image/png", "size": 9}
    embed = {"$type": "app.bsky.embed.images", "images": [{"alt": " a bag ", "image": blob}, {"image": 7}, 7]}
    [message] = network.read(notification(record={"embed": embed}), account)
    [image] = message.media
    assert image.alt == "a bag"
    assert image.url == f"https://cdn.bsky.app/img/feed_fullsize/plain/{MAYA}/bafkrei123@jpeg"


def test_the_stream_is_asked_in_the_words_of_its_form():
    first = jetstream.address("wss://jetstream1.example/subscribe", ["did:plc:a"], 7)
    second = jetstream.address(f"wss://jetstream.example/xrpc/{jetstream.V2}", ["did:plc:a"], 7)
    assert "wantedDids=did%3Aplc%3Aa" in first
    assert "wantedCollections=" in first
    assert "&dids=did%3Aplc%3Aa" in second or "?dids=" in second
    assert "wanted" not in second
    assert first.endswith("cursor=7")
    assert second.endswith("cursor=7")


def test_facets_count_bytes_not_characters():
    text = "Olá 👩‍👩‍👧 @maya.test – siehe https://ternway.example/ä. #Gepäck! foo@bar.test"
    facets = records.facets(text, lambda handle: MAYA if handle == "maya.test" else "")
    marked = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets]
    assert marked == ["@maya.test", "https://ternway.example/ä", "#Gepäck"]
    assert [feature.get("did") or feature.get("uri") or feature.get("tag") for f in facets for feature in f["features"]] == [
        MAYA, "https://ternway.example/ä", "Gepäck",
    ]  # fmt: skip


COUNTS = {"": 0, "abc": 3, "é": 1, "e\u0301": 1, "👩‍👩‍👧‍👧": 1, "🇵🇹🇳🇴": 2, "\r\n": 1}


@pytest.mark.parametrize(("text", "count"), COUNTS.items())
def test_graphemes_are_what_people_count(text, count):
    assert records.graphemes(text) == count


def test_a_post_read_again_with_other_words_is_an_edit():
    view = json.loads(notification(record={"text": "hi again"}))
    del view["reason"]
    [message] = network.read(json.dumps(view).encode(), account)
    assert (message.kind, message.text) == ("edited", "hi again")


def test_a_moment_is_always_utc():
    now = datetime.now(UTC)
    assert shapes.published(now.isoformat(), now) == now
    assert shapes.instant((now + timedelta(0)).isoformat()).tzinfo is UTC
