"""Every recorded answer of a network is read: it gives its messages, or is skipped with a reason. Counts are printed."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from hark.channels import contract
from hark.channels.base import Connection, Skipped, Unreadable
from hark.channels.networks.mastodon.adapter import Mastodon
from hark.channels.reading import clean
from hark.channels.registry import network_of
from hark.ops import channel_reading
from hark.ops.commands.channels import channels_command

PAYLOADS = Path(os.environ.get("HARK_SHARED", "../shared")) / "data/payloads"
FILES = {
    "mastodon": ("mastodon/mastodonpy_http.ndjson.gz", "http://localhost:3000/@mastodonpy_test"),
    "reddit": ("reddit/praw_http.ndjson.gz", "user_9eccd9b54a"),
    "telegram": ("telegram/updates.ndjson", ""),
    "youtube": ("youtube/data_api.ndjson", "UCd545af7c36"),
}
# case, step → who, what, how widely: looked up by eye in the recordings
KNOWN = {
    "mastodon": {
        "test_bookmarks#0": [("http://localhost:3000/@mastodonpy_test", "Toot!", "public", True)],
        "test_notifications#1": [
            ("http://localhost:3000/@admin", "@mastodonpy_test@localhost:3000 hello!", "public", False)
        ],
    },
    "telegram": {
        "message": [("12345678", "Hi, world!", "private", False)],
        "message_with_document": [("12345678", "doc description", "private", False)],
        "edited_message": [("12345678", "hi there (edited)", "private", False)],
    },
    "youtube": {
        "modeldata/comments/comment_info": [("UCcd43ae9861", "This video is awesome! GOOD", "public", False)],
        "apidata/comment_threads/insert_response": [("UCd545af7c36", "Sun from the api", "public", True)],
    },
    "reddit": {"TestComment.test_reply#1": [("user_9eccd9b54a", "Comment reply", "public", True)]},
}
EXPECTED = {
    "mastodon": (233, 169, 64),
    "reddit": (161, 73, 88),
    "telegram": (12, 10, 2),
    "youtube": (23, 9, 14),
}  # recordings, those with messages, those without


def recorded(network: str) -> list[dict]:
    path = PAYLOADS / FILES[network][0]
    if not path.exists():
        pytest.skip(f"{path} is not here: set HARK_SHARED")
    raw = path.read_bytes()
    lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("network", sorted(FILES))
def test_every_recording_is_read_or_skipped_with_a_reason(network, capsys):
    rows = recorded(network)
    adapter = network_of(network)
    connection = Connection(0, FILES[network][1], "", {}, {}, adapter.can)
    found: dict[str, list[tuple]] = {}
    kinds: Counter[str] = Counter()
    bodies = channel_reading.bodies((PAYLOADS / FILES[network][0]).read_bytes(), lines=True)
    for line in channel_reading.read_bodies(network, bodies, FILES[network][1]):
        assert isinstance(line, str), f"not read: {line}"
        said = json.loads(line)
        place = said["case"]
        if "skipped" in said:
            assert said["skipped"]
            kinds["skipped"] += 1
            continue
        author = said["author"] or {}
        kinds[f"{said['kind']} {said['visibility']}{' by us' if said['by_brand'] else ''}"] += 1
        found.setdefault(place, []).append(
            (author.get("external_id"), said["text"], said["visibility"], said["by_brand"])
        )
    for row in rows:
        answer = row.get("response", {})
        body = answer.get("body") if answer else row["payload"]
        if 200 <= answer.get("status", 200) < 300 and isinstance(body, dict | list):
            for message in _quietly(adapter, body, connection):
                contract.check_message(clean(message))
    with capsys.disabled():
        print(
            f"\n{network}: {len(rows)} recordings, {len(found)} with messages, {dict(sorted(kinds.items()))}"
        )
    assert (len(rows), len(found), kinds["skipped"]) == EXPECTED[network]
    for place, messages in KNOWN[network].items():
        assert found[place] == messages


def _quietly(adapter, body, connection):
    try:
        envelopes = adapter.split(json.dumps(body).encode())
    except (Skipped, Unreadable):
        return []
    contract.check_envelopes(envelopes)
    return [message for envelope in envelopes for message in adapter.read(envelope.raw, connection)]


@pytest.mark.parametrize("network", sorted(FILES))
def test_the_command_prints_a_line_for_each(network):
    recorded(network)
    path = PAYLOADS / FILES[network][0]
    result = CliRunner().invoke(channels_command, ["read", network, str(path)])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert {line["case"] for line in lines} == {
        body.case for body in channel_reading.bodies(path.read_bytes(), lines=True)
    }
    assert all("external_id" in line or line["skipped"] for line in lines)


def test_private_words_on_mastodon_are_private():
    """All 12 statuses to named people only, and no other kind, are read as private; followers' posts are not public either."""
    levels: Counter[tuple[str, str]] = Counter()
    for row in recorded("mastodon"):
        body = row["response"]["body"]
        if isinstance(body, dict | list):
            for message in _quietly(Mastodon(), body, Connection(0, "", "", {}, {}, Mastodon.can)):
                if message.facts:
                    levels[message.facts["level"], message.visibility] += 1
    assert set(levels) <= {
        ("public", "public"),
        ("unlisted", "public"),
        ("direct", "private"),
        ("private", "private"),
    }
    assert levels["direct", "private"] > 0


READERS = {"meta": ("facebook", "instagram")}  # each skips what is the other's
ALL = sorted(str(path.relative_to(PAYLOADS)) for path in PAYLOADS.glob("*/*.ndjson*"))


def test_not_one_recorded_file_is_left_out(capsys):
    """Every file in data/payloads, by every adapter that is meant by it: messages, or a reason, for each recording."""
    if not ALL:
        pytest.skip(f"{PAYLOADS} is not here: set HARK_SHARED")
    table = []
    for name in ALL:
        folder = name.partition("/")[0]
        for network in READERS.get(folder, (folder,)):
            bodies = channel_reading.bodies((PAYLOADS / name).read_bytes(), lines=True)
            lines = list(channel_reading.read_bodies(network, bodies))
            assert all(isinstance(line, str) for line in lines), f"{network}, {name}: {lines}"
            skipped = [said["skipped"] for said in map(json.loads, lines) if "skipped" in said]
            assert all(skipped)
            table.append((name, network, len(bodies), len(lines) - len(skipped), len(skipped)))
    with capsys.disabled():
        print("\nrecordings, messages, skipped with a reason:")
        for name, network, *counts in table:
            print(f"  {name} as {network}: {', '.join(map(str, counts))}")
    assert len({name for name, *_counts in table}) == len(ALL) >= 11
    assert {network for _name, network, *_counts in table} >= {
        "bluesky",
        "facebook",
        "instagram",
        "whatsapp",
        "x",
    }
