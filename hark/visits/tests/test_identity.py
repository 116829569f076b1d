"""Who a visitor is counts only with a proof of the brand's own site."""

from __future__ import annotations

import time

import jwt
import pytest

from hark.channels import actions, signatures
from hark.customers.models import Profile
from hark.visits.models import Visit

from .conftest import SECRET, Visitor, connect, take_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:The HMAC key is"),  # the secret of the shared vectors is short
]
HASH = "3f6d2ff227c155e61ef703806b7daa3f55b2fe4fb83a119fc55f05a762d51d9d"  # of user-42 with the secret


def token(claims=None, *, secret=SECRET, algorithm="HS256", **more):
    return jwt.encode(
        {"user_id": "user-42", "exp": time.time() + 600, **more, **(claims or {})},
        secret,
        algorithm=algorithm,
    )


def proven(**claim):
    return {"identity": {"id": "user-42", "hash": HASH, **claim}}


def test_an_identifier_hash_of_the_shared_vectors_is_believed(visitor):
    answer = visitor.begins(**proven(name="Maya Lind", email="maya@mail.example"))
    assert answer.json()["verified"] is True
    visitor.says("It is me")
    take_in()
    profile = Profile.objects.get()
    assert (profile.external_id, profile.verified, profile.name) == ("user:user-42", True, "Maya Lind")


@pytest.mark.parametrize("bad", ["0" * 64, HASH.upper(), HASH[:-1], f" {HASH}", "é", f"sha256={HASH}"])
def test_a_wrong_hash_is_refused(visitor, bad):
    answer = visitor.begins(identity={"id": "user-42", "hash": bad})
    assert answer.status_code == 403
    assert not Visit.objects.exists()


def test_a_hash_of_another_identifier_is_refused(visitor):
    assert visitor.begins(identity={"id": "user-43", "hash": HASH}).status_code == 403


def test_a_hash_with_an_empty_secret_is_refused(webchat):
    webchat.seal({"identity_secret": ""})
    webchat.save()
    forged = signatures.identifier_hash("", "user-42")
    assert Visitor(webchat).begins(identity={"id": "user-42", "hash": forged}).status_code == 403


def test_a_signed_token_is_believed_and_its_claims_with_it(visitor):
    signed = token(name="Maya Lind", email="maya@mail.example")
    answer = visitor.begins(
        identity={"id": "somebody-else", "token": signed, "name": "Forged", "email": "forged@x.example"}
    )
    assert answer.json()["verified"] is True
    visit = Visit.objects.get()
    assert (visit.author_id, visit.name, visit.email) == ("user:user-42", "Maya Lind", "maya@mail.example")


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=time.time() - 120),
        token(secret="another-secret-that-is-long-enough"),
        token(algorithm="HS512"),
        token(secret=None, algorithm="none"),
        token(aud="another-chat"),
        token(aud=["another-chat", "a-third"]),
        token(user_id=""),
        token(user_id=42),
        token(user_id="x" * 201),
        jwt.encode({"user_id": "user-42"}, SECRET, algorithm="HS256"),  # no end
        jwt.encode({"exp": time.time() + 600}, SECRET, algorithm="HS256"),  # nobody
        token()[:-2],
        token(nbf=time.time() + 3600),
        "x",
        "a.b.c",
        "é",
        "x" * 5000,
    ],
    ids=lambda _: "token",  # they hold the time: workers must agree on the names
)
def test_a_bad_token_is_refused(visitor, bad):
    answer = visitor.begins(identity={"token": bad})
    assert answer.status_code == 403, answer.content
    assert not Visit.objects.exists()


def test_the_audience_may_be_the_chats_own_key(visitor, webchat):
    assert visitor.begins(identity={"token": token(aud=webchat.hook_key)}).status_code == 200
    assert visitor.begins(identity={"token": token(aud=["x", webchat.hook_key])}).status_code == 200


def test_an_audience_that_the_brand_set_must_be_named(nordhav):
    account = connect(nordhav, audience="nordhav-care")
    assert Visitor(account).begins(identity={"token": token(aud="nordhav-care")}).status_code == 200
    assert Visitor(account).begins(identity={"token": token()}).status_code == 403
    assert Visitor(account).begins(identity={"token": token(aud=account.hook_key)}).status_code == 403


def test_both_secrets_work_while_one_is_rotated(webchat):
    actions.renew_secrets(webchat)
    webchat.refresh_from_db()
    new = webchat.credentials["identity_secret"]
    assert Visitor(webchat).begins(**proven()).status_code == 200
    assert Visitor(webchat).begins(identity={"token": token(secret=new)}).status_code == 200
    actions.renew_secrets(webchat)
    assert Visitor(webchat).begins(**proven()).status_code == 403


def test_an_unproven_visitor_sees_this_session_only(webchat):
    known = Visitor(webchat)
    known.begins(**proven(name="Maya Lind"))
    known.says("My address is Strandgaten 1")
    take_in()

    impostor = Visitor(webchat)
    answer = impostor.begins(identity={"id": "user-42", "name": "Mallory", "email": "maya@mail.example"})
    assert (answer.json()["verified"], answer.json()["events"]) == (False, [])
    impostor.says("Hello, it is me")
    take_in()
    profiles = {profile.external_id.partition(":")[0]: profile for profile in Profile.objects.all()}
    assert profiles["user"].name == "Maya Lind"  # nothing of the known customer changed
    assert profiles["visitor"].person_id != profiles["user"].person_id
    assert not profiles["visitor"].verified


def test_a_brand_may_insist_on_a_proof(nordhav):
    strict = Visitor(connect(nordhav, identity_required=True))
    assert strict.begins(identity={"id": "user-42"}).status_code == 403
    assert strict.begins().status_code == 200  # a visitor whom nobody names is just a visitor
    assert strict.begins(**proven()).status_code == 200


def test_a_proven_customer_finds_the_conversation_in_another_browser(webchat):
    at_home, on_the_way = Visitor(webchat), Visitor(webchat)
    at_home.begins(**proven())
    at_home.says("Where is my bag?")
    take_in()
    on_the_way.begins(**proven())
    assert on_the_way.sees() == [("in", "Where is my bag?")]


def test_signing_in_keeps_what_was_said_before_in_view(visitor, webchat):
    visitor.says("I am not signed in yet", "same-key-1234")
    take_in()
    anonymous = visitor.token
    visitor.begins(**proven())
    assert visitor.token != anonymous
    assert visitor.says("I am not signed in yet", "same-key-1234").json()["client_id"] == "same-key-1234"
    visitor.says("Now I am")
    take_in()
    assert visitor.sees() == [("in", "I am not signed in yet"), ("in", "Now I am")]

    stale = Visitor(webchat)
    stale.token = anonymous
    assert stale.asks("GET", "events").status_code == 401
    elsewhere = Visitor(webchat)
    elsewhere.begins(**proven())
    assert elsewhere.sees() == [("in", "Now I am")]  # what an unknown browser said stays with that browser


def test_the_next_customer_at_the_same_computer_sees_nothing_of_the_one_before(visitor):
    visitor.begins(**proven())
    visitor.says("My address is Strandgaten 1")
    take_in()
    other = signatures.identifier_hash(SECRET, "user-43")
    answer = visitor.begins(identity={"id": "user-43", "hash": other})
    assert answer.json()["events"] == []
