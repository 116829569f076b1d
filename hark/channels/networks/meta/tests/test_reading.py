"""Handshake, signature, batches, and the finer points of what the three networks say."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from hark.channels import contract, signatures
from hark.channels.base import Connection, HookRequest, Unreadable
from hark.channels.registry import network_of

SECRET = "hark-test-secret"
BODY = rb'{"text":"Ol\u00e1 \ud83d\ude00","n":1}'
GOOD = "sha256=5465d774fdfc175b86d4b223548dc96139087852a4128f02e502cf84df60e0d2"
HEADER = "x-hub-signature-256"
FORGED = {
    "missing": [],
    "another prefix": [(HEADER, GOOD.replace("sha256=", "sha1="))],
    "upper case": [(HEADER, "sha256=" + GOOD[7:].upper())],
    "padded": [(HEADER, f" {GOOD} ")],
    "twice": [(HEADER, GOOD), (HEADER, GOOD)],
    "cut": [(HEADER, GOOD[:-1])],
    "another header": [("x-hub-signature", GOOD)],
}
ALL = pytest.mark.parametrize("slug", ["facebook", "instagram", "whatsapp"])


def account(slug: str, **settings) -> Connection:
    found = contract.account(network_of(slug), app_key=SECRET, verify_token="our-own-word")
    return Connection(1, found.external_id, found.handle, found.credentials, settings, found.capabilities)


def asks(**query: str) -> HookRequest:
    return HookRequest(
        "GET", (), b"", "/?" + urlencode({f"hub.{name}": value for name, value in query.items()})
    )


def update(kind: str, **event) -> dict:
    page = contract.account(network_of("facebook")).external_id
    return {"object": "page", "entry": [{"id": page, "time": 1795510333120, kind: [event]}]}


@ALL
def test_the_challenge_is_answered_to_whoever_knows_our_word(slug):
    network = network_of(slug)
    answer = network.handshake(
        account(slug), asks(mode="subscribe", verify_token="our-own-word", challenge="1158201444")
    )
    assert (answer.status, answer.body) == (200, b"1158201444")
    wrong = network.handshake(account(slug), asks(mode="subscribe", verify_token="a guess", challenge="1"))
    assert (wrong.status, wrong.body.isdigit()) == (403, False)
    nobody = contract.account(network)  # without a word of its own nothing fits, not even the empty one
    assert network.handshake(nobody, asks(mode="subscribe", verify_token="", challenge="1")).status == 403
    assert network.handshake(account(slug), asks()) is None


@ALL
def test_the_signature_of_the_raw_bytes_fits_and_every_forged_one_is_refused(slug):
    declared = network_of(slug).can.signature

    def fits(headers, body=BODY, secrets=(SECRET,)):
        return signatures.verify(declared.scheme, secrets, headers, body, header=declared.header)

    assert fits([(HEADER, GOOD)])
    assert not [name for name, headers in FORGED.items() if fits(headers)]
    assert not fits([(HEADER, GOOD)], json.dumps(json.loads(BODY), ensure_ascii=False).encode())
    assert not fits([(HEADER, GOOD)], BODY[:-2] + b"2}")
    assert not fits([(HEADER, "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest())], secrets=("",))


@ALL
def test_a_body_of_a_thousand_updates_becomes_a_thousand_envelopes(slug):
    network = network_of(slug)
    bodies = [json.loads(body) for _, body in contract.bodies(network)]
    template = next(body["entry"][0] for body in bodies if "entry" in body)
    many = []
    for number in range(1000):
        entry = json.loads(
            json.dumps(template).replace("9001", f"9{number:04}").replace("0101", f"5{number:04}")
        )
        many.append(json.loads(json.dumps(entry).replace("wamid.AAA", f"wamid.A{number}")))
    kind = next(body["object"] for body in bodies if "entry" in body)
    body = json.dumps({"object": kind, "entry": many}).encode()
    envelopes = network.split(body)
    assert len({envelope.event_key for envelope in envelopes}) == 1000
    messages = [one for envelope in envelopes for one in network.read(envelope.raw, account(slug))]
    assert len({message.external_id for message in messages}) == 1000
    assert network.split(json.dumps({"object": kind, "entry": many + many}).encode()) == envelopes


def test_a_redelivery_in_another_batch_is_the_same_event():
    network = network_of("whatsapp")
    bodies = [json.loads(body) for _, body in contract.bodies(network)]
    two = next(b for b in bodies if len(b["entry"][0]["changes"][0]["value"].get("messages", ())) == 2)
    together = network.split(json.dumps(two).encode())
    value = two["entry"][0]["changes"][0]["value"]
    alone = []
    for message in list(value["messages"]):
        value["messages"] = [message]
        two["entry"][0]["time"] = 7
        alone += network.split(json.dumps(two).encode())
    assert [one.event_key for one in together] == [one.event_key for one in alone]


@ALL
def test_an_update_of_another_account_is_kept_and_not_read_as_ours(slug):
    network = network_of(slug)
    elsewhere = Connection(1, "999", "x", {}, {}, network.can)
    _, body = next(iter(contract.bodies(network)))
    if slug == "instagram":
        assert json.loads(body)["object"] == "instagram"
    with pytest.raises(Unreadable, match="another account"):
        network.read(network.split(body)[0].raw, elsewhere)


def test_ids_beyond_53_bits_stay_what_they_are():
    network = network_of("facebook")
    event = update("messaging", sender={"id": 9007199254740993}, recipient={"id": 1050001}, timestamp=1795510333001,
                   message={"mid": "m1", "text": "hi"})  # fmt: skip
    [message] = network.read(json.dumps(event).encode(), account("facebook"))
    assert message.thread == message.author.external_id == "9007199254740993"


def test_what_people_send_on_instagram_is_linked_and_never_kept():
    network = network_of("instagram")
    assert network.can.media_copies is False
    found = [
        m
        for _, body in contract.bodies(network)
        for e in network.split(body)
        for m in network.read(e.raw, account("instagram"))
    ]
    stories = [message for message in found if message.facts.get("story_mention")]
    assert [item.url for message in stories for item in message.media] == [
        "https://scontent.cdninstagram.com/m.jpg"
    ]
    assert {message.facts["kind"] for message in found if message.visibility == "public"} == {
        "comment",
        "live",
        "mention",
    }


def test_a_visitor_carries_their_token_over_and_a_standby_thread_says_so():
    network = network_of("facebook")
    found = {
        m.external_id: m
        for _, body in contract.bodies(network)
        for e in network.split(body)
        for m in network.read(e.raw, account("facebook"))
        if m.kind == "created"
    }
    assert found["m_Ab11"].handoff_token == "tok-1"
    assert found["m_Ab12"].facts["standby"] is True
    assert (found["m_Ab10"].by_brand, found["m_Ab10"].facts["key"]) == (True, "k1")
    assert (found["90480112"].facts["recommends"], found["90480112"].rating) == ("NEGATIVE", None)


def test_edits_of_one_message_rise_in_version():
    network, read = network_of("facebook"), []
    for number in (2, 10, 1):
        event = update("messaging", sender={"id": "31"}, timestamp=1795510333001,
                       message_edit={"mid": "m1", "text": str(number), "num_edit": number})  # fmt: skip
        read += network.read(json.dumps(event).encode(), account("facebook"))
    assert max(read, key=lambda message: message.version).text == "10"
