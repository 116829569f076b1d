"""Answers and events that others recorded on X: each is read, or skipped with what it is."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from hark.channels import contract
from hark.channels.base import Skipped
from hark.channels.networks.x.adapter import X
from hark.ops.channel_reading import bodies

network, account = X(), contract.account(X())


@pytest.mark.parametrize(("name", "recordings", "least"), [("tweepy_http", 97, 45), ("fixtures", 84, 280)])
def test_every_recording_is_read_or_skipped_with_a_reason(shared, name, recordings, least, capsys):
    found = bodies((shared / f"data/payloads/x/{name}.ndjson.gz").read_bytes(), lines=False)
    assert len(found) == recordings
    counts: Counter[str] = Counter()
    for body in found:
        try:
            envelopes = network.split(body.raw)
        except Skipped as reason:
            counts["skipped" if str(reason) else "without a reason"] += 1
            continue
        contract.check_envelopes(envelopes)
        for envelope in envelopes:
            for message in network.read(envelope.raw, account):
                contract.check_message(message)
                counts[message.visibility] += 1
    with capsys.disabled():
        print(f"\nx/{name}: {dict(counts)}")
    assert counts["public"] >= least
    assert not counts["without a reason"]


def test_a_recorded_status_keeps_author_text_and_thread(shared):
    with gzip.open(shared / "data/payloads/x/fixtures.ndjson.gz") as lines:
        rows = {row["case"]: row["payload"] for row in map(json.loads, lines)}
    for case, payload in rows.items():
        if not case.startswith("streaming_line"):
            continue
        raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
        for envelope in network.split(raw):
            for message in network.read(envelope.raw, account):
                assert message.author.external_id == payload["user"]["id_str"]
                assert message.author.handle == payload["user"]["screen_name"]
                assert message.thread == (payload["in_reply_to_status_id_str"] or payload["id_str"])
                assert message.visibility == "public"


def test_a_recorded_direct_message_is_private(shared):
    with gzip.open(shared / "data/payloads/x/fixtures.ndjson.gz") as lines:
        rows = {row["case"]: row["payload"] for row in map(json.loads, lines)}
    [envelope] = network.split(json.dumps(rows["post_destroy_direct_message"]).encode())
    [message] = network.read(envelope.raw, account)
    assert (message.visibility, message.text) == ("private", "test message")
