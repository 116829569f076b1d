"""What customers do on the network reaches Hark."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from atproto import client_utils, models
from PIL import Image

from tests.bluesky_people import until

from .conftest import Collected

pytestmark = pytest.mark.peer


def picture(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#0a7a70").save(out, "PNG")
    return out.getvalue()


def test_a_mention_arrives_with_all_that_is_needed_to_answer_it(hark, ternway, maya):
    post = maya.says("my bag is still in Oslo 🧳", to=ternway, langs=["en"])

    message = hark.said("still in Oslo")
    assert message.external_id == message.thread == post.uri
    assert message.visibility == "public"
    assert message.author.external_id == maya.did
    assert message.author.handle == maya.handle
    assert message.lang == "en"
    assert message.url == f"https://bsky.app/profile/{maya.did}/post/{post.uri.rpartition('/')[2]}"
    assert message.facts == {"uri": post.uri, "cid": post.cid, "root_uri": post.uri, "root_cid": post.cid}
    assert not message.by_brand


def test_a_reply_and_a_quote_arrive_in_their_threads(hark, ternway, maya):
    own = ternway.says("Boarding for Lisbon starts now.")
    answer = maya.answers(own, "from which gate?")
    maya.answers(answer, "hello?", root=own)
    quote = maya.client.send_post(
        "this never starts on time",
        embed=models.AppBskyEmbedRecord.Main(
            record=models.ComAtprotoRepoStrongRef.Main(uri=own.uri, cid=own.cid)
        ),
    )

    reply = hark.said("from which gate?")
    assert (reply.thread, reply.parent) == (own.uri, own.uri)
    second = hark.said("hello?")
    assert (second.thread, second.parent) == (own.uri, answer.uri)
    assert second.facts["root_cid"] == own.cid
    quoted = hark.said("never starts on time")
    assert (quoted.quote, quoted.thread) == (own.uri, quote.uri)


def test_pictures_come_with_their_address_and_description(hark, ternway, maya):
    text = client_utils.TextBuilder().mention(f"@{ternway.handle}", ternway.did).text(" look at this")
    maya.client.send_image(text, picture(), "a suitcase without a wheel")

    message = hark.said("look at this")
    [image] = message.media
    assert image.alt == "a suitcase without a wheel"
    assert image.kind == "image"
    assert image.url.startswith("http://localhost"), "the AppView's own address of the picture"


def test_a_like_of_the_brands_post_arrives(hark, ternway, maya):
    own = ternway.says("We fly to Bergen again.")
    maya.client.like(own.uri, own.cid)

    like = hark.sees(lambda message: message.kind == "reacted", "a like")
    assert (like.external_id, like.reaction, like.author.external_id) == (own.uri, "like", maya.did)


def test_a_deleted_post_is_found_missing(account, ternway, maya):
    quick = account.__class__(
        **{**account.__dict__, "settings": {**account.settings, "recheck_seconds": 0.5}}
    )
    with Collected(quick) as hark:
        post = maya.says("I take that back", to=ternway)
        kept = maya.says("but not that", to=ternway)
        hark.said("I take that back")
        hark.said("but not that")
        maya.client.delete_post(post.uri)

        gone = hark.sees(lambda message: message.kind == "deleted", "the deletion")
        assert gone.external_id == post.uri
        assert [message.external_id for message in hark.messages if message.kind == "deleted"] != [kept.uri]


def test_what_the_brand_answers_elsewhere_is_seen(hark, ternway, maya):
    post = maya.says("who is flying the plane", to=ternway)
    ternway.answers(post, "A captain with 20 years of experience.")

    message = hark.said("A captain")
    assert message.by_brand
    assert message.thread == post.uri


def test_a_direct_message_request_arrives_with_the_senders_name(hark, account, ternway, maya):
    ternway.accepts_messages_from("all")
    maya.writes(ternway, "my booking is TW-4471")

    message = hark.said("TW-4471")
    assert message.visibility == "private"
    assert message.author.external_id == maya.did
    assert message.author.handle == maya.handle
    assert message.thread == message.facts["convo"]
    assert message.thread


def test_direct_messages_from_before_the_account_was_connected_are_read(account, ternway, maya):
    ternway.accepts_messages_from("all")
    maya.writes(ternway, "written before Hark was there")
    maya.writes(ternway, "and once more")
    with Collected(account) as hark:
        first, second = hark.said("written before Hark"), hark.said("and once more")
        assert first.at < second.at
        maya.writes(ternway, "and after")
        hark.said("and after")
    texts = [message.text for message in hark.messages if message.visibility == "private"]
    assert texts == ["written before Hark was there", "and once more", "and after"]


def test_a_reaction_to_our_message_arrives(hark, ternway, maya):
    ternway.accepts_messages_from("all")
    maya.accepts_messages_from("all")
    sent = ternway.writes(maya, "All sorted, have a good flight.")
    hark.said("All sorted")
    maya.chat.add_reaction({"convo_id": hark.said("All sorted").thread, "message_id": sent.id, "value": "💚"})

    reaction = hark.sees(lambda message: message.kind == "reacted", "a heart")
    assert (reaction.external_id, reaction.reaction, reaction.visibility) == (sent.id, "💚", "private")


def test_what_was_missed_while_hark_was_away_is_read_again_and_nothing_twice(account, ternway, maya):
    with Collected(account) as hark:
        maya.says("before the outage", to=ternway)
        hark.said("before the outage")
    before = set(hark.raw)
    for number in range(3):
        maya.says(f"while nobody listened {number}", to=ternway)
    away = {**hark.cursor, "polled_at": "2026-11-20T09:14:00+00:00"}

    with Collected(account, away) as again:
        for number in range(3):
            again.said(f"while nobody listened {number}")
        assert again.gaps[0] == "since 20 Nov 09:14 UTC"
        assert again.gaps[-1] == ""
    assert not before & set(again.raw), "what is known is not handed over twice"
    texts = [m.text.rpartition("nobody listened ")[2] for m in again.messages if "nobody listened" in m.text]
    assert texts == ["0", "1", "2"], "oldest first"


def test_posts_that_the_network_indexed_late_are_found(hark, atproto, ternway, maya):
    """While the AppView stands still nothing is missed: it catches up, and so do we."""
    atproto.control("/index/stop")
    try:
        maya.says("said while the index stood still", to=ternway)
    finally:
        atproto.control("/index/start")
    hark.said("said while the index stood still")


def test_more_than_one_page_of_notifications_is_read_to_its_end(account, ternway, maya):
    own = ternway.says("Tell us about your flight.")
    ref = models.ComAtprotoRepoStrongRef.Main(uri=own.uri, cid=own.cid)
    begun = datetime.now(UTC) - timedelta(seconds=30)
    for start in range(0, 120, 40):
        writes = [
            models.ComAtprotoRepoApplyWrites.Create(
                collection="app.bsky.feed.post",
                value=models.AppBskyFeedPost.Record(
                    text=f"voice {number:03}", created_at=(begun + timedelta(milliseconds=number)).isoformat(),
                    reply=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref),
                ),
            )
            for number in range(start, start + 40)
        ]  # fmt: skip
        maya.client.com.atproto.repo.apply_writes({"repo": maya.did, "writes": writes})
    maya.network.settle()
    with Collected(account) as hark:
        until(lambda: len({m.text for m in hark.messages if m.text.startswith("voice")}) == 120, "all voices")
