"""Every public recording is read: who, what, where and how openly, or why it is nothing that was said.

The recordings stand beside the tree (HARK_SHARED, data/payloads); without them these tests are skipped and say so.
"""

from __future__ import annotations

import collections
import gzip
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from hark.ops import channel_reading
from hark.ops.cli import cli

ROOT = Path(__file__).parents[5]
PAYLOADS = Path(os.environ.get("HARK_SHARED", ROOT.parent / "shared")) / "data/payloads"
HOOKS, OBJECTS = "meta/page_messenger_instagram_webhooks.ndjson", "meta/graph_api_objects.ndjson"
CLOUD = "whatsapp/cloud_api.ndjson"
COUNTS = {  # network, file: cases, messages, cases without one
    ("facebook", HOOKS): (73, 45, 28),
    ("facebook", OBJECTS): (36, 2, 34),
    ("instagram", HOOKS): (73, 0, 73),
    ("instagram", OBJECTS): (36, 12, 28),
    ("whatsapp", CLOUD): (56, 26, 30),
}
PAGE, ROY = "1234567890321", "987654321432"
MAIN = "US.13491208655302741918"

# network, file, case: kind, author, text (its beginning), thread, visibility, by the brand
SAID = [
    (
        "facebook",
        HOOKS,
        "feed-comment-add-with-video",
        "created",
        PAGE,
        "and the next one",
        f"{PAGE}_901097836652708",
        "public",
        True,
    ),
    (
        "facebook",
        HOOKS,
        "feed-comment-edited-25",
        "edited",
        PAGE,
        "Let's see the Webhooks",
        f"{PAGE}_900728623356296",
        "public",
        True,
    ),
    (
        "facebook",
        HOOKS,
        "feed-post-add-25",
        "created",
        "8423678347823",
        "Let's check this",
        f"{PAGE}_7293787835232",
        "public",
        False,
    ),
    (
        "facebook",
        HOOKS,
        "feed-post-edit",
        "edited",
        "8423678347823",
        "Let's check this",
        f"{PAGE}_7293787835232",
        "public",
        False,
    ),
    ("facebook", HOOKS, "feed-reaction-add-comment", "reacted", PAGE, "", "", "public", True),
    (
        "facebook",
        HOOKS,
        "mention-post-add",
        "created",
        "44444444",
        "[The Page was mentioned",
        "44444444_444444444",
        "public",
        False,
    ),
    (
        "facebook",
        HOOKS,
        "mention-comment-add",
        "created",
        "unknown:7363534231324_3754798971271444",
        "Just a test message",
        f"{PAGE}_7363534231324",
        "public",
        False,
    ),
    ("facebook", HOOKS, "messaging-message-nlp-7", "created", ROY, "How is it going?", ROY, "private", False),
    (
        "facebook",
        HOOKS,
        "messaging-message-basic-echo",
        "created",
        "12345654332",
        "hello, world!",
        ROY,
        "private",
        True,
    ),
    ("facebook", HOOKS, "messaging-message-edits", "edited", ROY, "hello, world!", ROY, "private", False),
    ("facebook", HOOKS, "messaging-message-isdeleted", "deleted", None, "", "", "private", False),
    ("facebook", HOOKS, "messaging-reaction-1", "reacted", "USER_ID", "", "", "private", False),
    (
        "facebook",
        HOOKS,
        "messaging-airline-itinerary-template",
        "created",
        ROY,
        "Here's your flight itinerary.",
        ROY,
        "private",
        False,
    ),
    ("facebook", HOOKS, "ratings-rating-remove-25", "deleted", None, "", "", "public", False),
    (
        "facebook",
        OBJECTS,
        "facebook/apidata/comments/comment_info",
        "created",
        "unknown:10158371815748553_10158371930463553",
        "This is really nice",
        "10158371815748553",
        "public",
        False,
    ),
    (
        "instagram",
        OBJECTS,
        "instagram/models/ig_reply",
        "created",
        "17841406338772941",
        "@yjmjump",
        "17955956875141196",
        "public",
        False,
    ),
    (
        "instagram",
        OBJECTS,
        "instagram/apidata/comments/comment_fields",
        "created",
        "@user_76c2571501",
        "@user_76c2571501 Hey, guys",
        "17892250648466172",
        "public",
        False,
    ),
    (
        "whatsapp",
        CLOUD,
        "webhook-incoming-message-text",
        "created",
        "15551114237",
        "Test",
        "15551114237",
        "private",
        False,
    ),
    ("whatsapp", CLOUD, "message/video", "created", MAIN, "caption", MAIN, "private", False),
    (
        "whatsapp",
        CLOUD,
        "callback_button/quick_reply_without_context",
        "created",
        MAIN,
        "title",
        MAIN,
        "private",
        False,
    ),
    (
        "whatsapp",
        CLOUD,
        "webhook-incoming-message-contacts-request-bsuid",
        "created",
        MAIN,
        "Sheena Nelson",
        MAIN,
        "private",
        False,
    ),
    (
        "whatsapp",
        CLOUD,
        "outgoing_message/edit",
        "edited",
        "1122334455667",
        "Text was edited",
        MAIN,
        "private",
        True,
    ),
    ("whatsapp", CLOUD, "deleted_message/revoke", "deleted", None, "", "", "private", False),
]

# network, file, case: a word of the reason
SKIPPED = [
    ("facebook", HOOKS, "messaging-delivery-basic", "receipt"),
    ("facebook", HOOKS, "feed-reaction-remove", "reaction"),
    ("facebook", HOOKS, "feed-status-hide-25", "hide"),
    ("facebook", HOOKS, "leadgen", "leadgen"),
    ("facebook", HOOKS, "user-email", "not of a Facebook Page"),
    ("facebook", OBJECTS, "instagram/models/ig_comment", "Instagram"),
    ("facebook", OBJECTS, "base/error_data", "error"),
    ("instagram", HOOKS, "feed-post-add-25", "not of an Instagram account"),
    ("instagram", OBJECTS, "facebook/apidata/comments/comment_info", "Facebook"),
    ("whatsapp", CLOUD, "message_status/read", "read"),
    ("whatsapp", CLOUD, "message/unreaction_no_emoji", "reaction"),
    ("whatsapp", CLOUD, "account_update/account_disabled", "account_update"),
]


@pytest.fixture(scope="module")
def read():
    """The lines of a network for a file, read once."""
    if not PAYLOADS.exists():
        pytest.skip(f"the recordings are not here: {PAYLOADS}")
    known: dict[tuple[str, str], list[dict]] = {}

    def lines(network: str, file: str) -> list[dict]:
        if (network, file) not in known:
            bodies = channel_reading.bodies((PAYLOADS / file).read_bytes(), lines=False)
            found = list(channel_reading.read_bodies(network, bodies))
            assert not [line for line in found if isinstance(line, channel_reading.Problem)]
            known[network, file] = [json.loads(line) for line in found]
        return known[network, file]

    return lines


@pytest.mark.parametrize(("network", "file"), COUNTS)
def test_every_case_gives_messages_or_a_reason(read, network, file, capsys):
    lines = read(network, file)
    skipped = [line for line in lines if "skipped" in line]
    told = len({line["case"] for line in lines}), len(lines) - len(skipped), len(skipped)
    with capsys.disabled():
        print(f"\n{network} {file}: {told[0]} cases, {told[1]} messages, {told[2]} skipped with a reason")
        for reason, count in collections.Counter(line["skipped"] for line in skipped).most_common():
            print(f"  {count:3} {reason}")
    assert told == COUNTS[network, file]
    assert all(line["skipped"].strip() for line in skipped)


@pytest.mark.parametrize(
    ("network", "file", "case", "kind", "author", "text", "thread", "visibility", "by_brand"), SAID
)
def test_what_was_said_is_read_as_it_was(
    read, network, file, case, kind, author, text, thread, visibility, by_brand
):
    [line] = [line for line in read(network, file) if line["case"] == case]
    assert line["kind"] == kind
    assert (line["author"] or {}).get("external_id") == author
    assert line["text"].startswith(text)
    assert bool(line["text"]) == bool(text)
    assert line["thread"] == thread
    assert line["visibility"] == visibility
    assert line["by_brand"] is by_brand


@pytest.mark.parametrize(("network", "file", "case", "word"), SKIPPED)
def test_what_says_nothing_says_why(read, network, file, case, word):
    [line] = [line for line in read(network, file) if line["case"] == case]
    assert word in line["skipped"]


def test_the_command_reads_a_packed_file_too(read, tmp_path):
    wanted = read("whatsapp", CLOUD)
    packed = tmp_path / "cloud.ndjson.gz"
    packed.write_bytes(gzip.compress((PAYLOADS / CLOUD).read_bytes()))
    answer = CliRunner().invoke(cli, ["channels", "read", "whatsapp", str(packed)])
    assert answer.exit_code == 0, answer.output
    assert [json.loads(line) for line in answer.stdout.splitlines()] == wanted
