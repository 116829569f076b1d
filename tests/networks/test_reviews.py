"""Three review sites, from a review to the closed book: one answer, which is written anew, and nothing private there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels import actions, http, intake, oauth
from hark.channels.base import NeedsReconnect, Refused, TryLater
from hark.channels.models import Account
from hark.channels.networks.app_store import api as apple
from hark.channels.networks.google_business import api as google
from hark.channels.networks.google_play import api as play
from hark.channels.registry import network_of
from hark.journeys import arrival, correcting, ways
from hark.journeys.reply import queue
from hark.moves.models import Move
from hark.replies.models import Reply

from .desk import answers, closes_the_book, collects, invites, leaves
from .reviews import APP, PACKAGE, PLACE, SITES, Connect, Maps, Play, ReviewSite, pem_of

pytestmark = pytest.mark.django_db
LOST = [
    "500 after",
    "reset after",
    "malformed",
    "truncated",
    "empty",
    "reset before",
    "429",
    "429 bare",
    "500 before",
]
LONG = {"google_business": "ã" * 2049, "google_play": "x" * 351, "app_store": "x" * 5971}


@pytest.fixture(params=SITES, ids=lambda site: site.slug)
def site(request, monkeypatch):
    play._tokens.clear()
    with request.param() as found:
        monkeypatch.setattr(google, "REVIEWS", f"{found.url}/v4")
        monkeypatch.setattr(google, "ACCOUNTS", f"{found.url}/v1")
        monkeypatch.setattr(google, "PLACES", f"{found.url}/v1")
        monkeypatch.setattr(play, "HOME", found.url)
        monkeypatch.setattr(play, "TOKENS", f"{found.url}/token")
        monkeypatch.setattr(apple, "HOME", found.url)
        yield found


def connected(site: ReviewSite, brand: Brand, **changed: str) -> Account:
    """By the form, as on the connect page after the consent."""
    told = {
        "google_business": {"client_id": "c", "client_secret": "s", "place": "rossio"},
        "google_play": {
            "package": PACKAGE,
            "key": json.dumps({"client_email": "hark@p.iam.example", "private_key": pem_of("RS256")}),
        },
        "app_store": {"app": APP, "issuer_id": "issuer", "key_id": "KEY1", "private_key": pem_of("ES256")},
    }[site.slug]
    form = network_of(site.slug).connect_form()({**told, **changed})
    form.brand, form.account, form.tokens = brand, None, {"access": "token-1", "refresh": "r"}
    assert form.is_valid(), form.errors
    account = actions.connect(brand, site.slug, form.connected())
    account.settings |= {"poll_seconds": 0.05, "recheck_seconds": 3600}
    account.save()
    return account


@pytest.fixture
def account(site, at_once) -> Account:
    return connected(site, at_once)


@pytest.fixture
def mailbox(at_once) -> Account:
    fields = {
        "external_id": "care@ternway.example",
        "handle": "care@ternway.example",
        "settings": {"plus": True},
    }
    return actions.connect(at_once, "email", {**fields, "credentials": {"address_secret": "s" * 32}})


@pytest.fixture
def chat(at_once) -> Account:
    chat = {"name": "Ternway", "origins": ["https://ternway.example"]}
    return actions.connect(
        at_once, "webchat", {"external_id": "chat", "handle": "ternway.example", "settings": chat}
    )


def letter(to: str, text: str) -> bytes:
    head = json.dumps({"at": datetime.now(UTC).isoformat()}).encode()
    return (
        head
        + f"\nFrom: Rita <rita@rita.example>\nTo: {to}\nMessage-ID: <1@rita.example>\n\n{text}\n".encode()
    )


def line(token: str, text: str) -> bytes:
    at = datetime.now(UTC).isoformat()
    who = {"id": "visitor:1", "name": "Rita"}
    return json.dumps(
        {"thread": "t", "key": "k", "at": at, "text": text, "author": who, "handoff": token}
    ).encode()


def comes_over(words: str, chat: Account, mailbox: Account) -> None:
    """Rita follows what the answer offers: a link to the chat, or an address of the mailbox, as it stands there."""
    if "/c/" in words:
        intake.append(chat, chat.network.split(line(words.rpartition("/c/")[2], "My booking is TW-4471.")))
    else:
        [address] = [word for word in words.split() if "@" in word]
        intake.append(mailbox, mailbox.network.split(letter(address, "My booking is TW-4471.")))
    while arrival.work():
        pass


def test_from_a_review_to_the_closed_book(site, account, chat, mailbox, tomas):
    own = site.says("Rita S", 2, "Waited an hour.", title="Slow")
    collects(account)
    [review] = Message.objects.all()
    assert (review.rating, review.private, review.profile.name) == (2, False, "Rita S")
    assert review.text.endswith("Waited an hour.")
    case = Case.objects.get()

    answers(case, tomas, "I am so sorry, Rita. I stay with you.")
    assert site.answer(own) == "I am so sorry, Rita. I stay with you."
    reach = ways.reach_of(case)
    assert reach.mechanism == ("address" if site.slug == "google_business" else "link")
    assert reach.reason  # why there is no private message, for the agent to read
    invites(case, tomas, "Rita, this way, please:")
    assert site.answer(own).startswith("Rita, this way, please:")
    comes_over(site.answer(own), chat, mailbox)
    case.refresh_from_db()
    assert Case.objects.count() == 1
    assert case.has_private
    assert Move.objects.get().followed_at

    line = closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    assert site.answer(own) == line
    collects(account, twice=True)
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    [ours] = Message.objects.filter(outbound=True)
    assert (ours.text, ours.member) == (line, tomas)
    first, invited = ours.earlier
    assert first["text"] == "I am so sorry, Rita. I stay with you."
    assert invited["text"].startswith("Rita, this way")
    assert case.message_count == case.messages.count()


def test_pages_gaps_and_doubles(site, account):
    for number in range(230):
        site.says("Rita", 4, f"number {number}")
    collects(account, twice=True)
    assert Message.objects.count() == 230
    asked = len(site.asked(site.listing))
    collects(account)
    assert len(site.asked(site.listing)) == asked + 1  # a round in which nothing is new is one question
    with site.away(), pytest.raises(TryLater):
        collects(account)
    for number in range(120):
        site.says("Sam", 3, f"missed {number}")
    account.cursor["polled_at"] = "2026-01-01T00:00:00+00:00"
    account.save()
    assert collects(account)[0].gap.startswith("since")
    assert Message.objects.count() == 350


def test_a_list_too_long_for_one_round_is_read_on_in_the_next(site, account, monkeypatch):
    kind = type(account.network.site(account.connection()))
    monkeypatch.setattr(kind, "most_pages", 1)
    for number in range(site.per_page + 20):
        site.says("Rita", 4, f"number {number}")
    collects(account)
    assert Message.objects.count() == site.per_page
    site.says("Rita", 4, "newer")
    monkeypatch.setattr(kind, "most_pages", 2)
    collects(account)
    collects(account)
    assert Message.objects.count() == site.per_page + 21


def test_a_changed_review_keeps_what_it_said_and_wakes_its_case(site, account, tomas):
    own = site.says("Rita", 5, "All good.")
    collects(account)
    case = Case.objects.get()
    answers(case, tomas, "Thank you, Rita!")
    site.changes(own, 1, "It broke the next day.")
    account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"  # the App Store keeps it in its old place
    account.save()
    collects(account, twice=True)

    review = Message.objects.get(outbound=False)
    assert (review.text, review.rating) == ("It broke the next day.", 1)
    assert [(one["text"], one["rating"]) for one in review.earlier] == [("All good.", 5)]
    case.refresh_from_db()
    assert case.state == Case.State.WAITING
    assert (case.unread, case.snippet, case.message_count) == (True, "It broke the next day.", 2)
    assert site.answer(own) == "Thank you, Rita!"


def test_stars_alone_are_a_review_too(site, account):
    own = site.says("Rita", 3, "" if site.slug != "google_play" else "ok")
    collects(account)
    site.changes(own, 1, site.rows[own]["words"])
    account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"
    account.save()
    collects(account)
    assert Message.objects.get().rating == 1


def test_a_review_that_is_gone_twice_was_taken_down(site, account):
    kept, lost = site.says("Rita", 2, "kept"), site.says("Sam", 1, "sold my data")
    collects(account)
    site.removes(lost)
    for _round in range(3):
        account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"
        account.save()
        collects(account)
    found = {message.external_id.rpartition("/")[2]: message.is_deleted for message in Message.objects.all()}
    lists_all = account.network.site(account.connection()).lists_all
    assert found == {
        kept: False,
        lost: lists_all,
    }  # Google Play lists a week: what is missing there is only older
    site.hidden = True  # suspended: the list is empty, and says nothing
    for _round in range(3):
        account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"
        account.save()
        collects(account)
    assert not Message.objects.get(text="kept").is_deleted


@pytest.mark.parametrize("how", LOST)
def test_no_answer_is_lost_or_given_twice(site, account, tomas, how):
    own = site.says("Rita", 2, "hello")
    collects(account)
    site.fails(how, on=site.answering)
    row = answers(Case.objects.get(), tomas, "Good morning.")
    http._waits.clear()  # the time that it asked for has passed
    leaves()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT
    assert site.answer(own) == "Good morning."
    collects(account, twice=True)
    assert Message.objects.filter(outbound=True).count() == 1
    assert Case.objects.get().state == Case.State.ANSWERED


def test_a_permission_revoked_mid_send_holds_what_was_to_be_said(site, account, tomas):
    own = site.says("Rita", 2, "hello")
    collects(account)
    site.locked = True
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.HELD
    assert site.answer(own) is None
    with pytest.raises(NeedsReconnect):
        collects(account)


@pytest.mark.parametrize(
    "how", ["malformed", "truncated", "empty", "reset after", "500 after", "429", "429 bare"]
)
def test_a_page_that_came_to_harm_is_asked_for_again(site, account, how):
    site.says("Rita", 2, "hello")
    site.fails(how, on=site.listing)
    with pytest.raises(TryLater):
        collects(account)
    http._waits.clear()
    collects(account)
    assert Message.objects.count() == 1


def test_what_does_not_fit_never_leaves(site, account, tomas):
    site.says("Rita", 2, "hello")
    collects(account)
    case = Case.objects.get()
    with pytest.raises(Exception, match="Too long"):
        queue(case, by=tomas, private=False, text=LONG[site.slug], seen_version=case.version)
    with pytest.raises(Refused):
        account.network.edit(account.connection(), "x", LONG[site.slug], {"review": "rev1"})
    assert not site.asked(site.answering)


def test_an_answer_is_corrected_and_taken_down_where_the_site_lets_it(site, account, tomas):
    own = site.says("Rita", 2, "hello")
    collects(account)
    answers(Case.objects.get(), tomas, "Good mornig.")
    ours = Message.objects.get(outbound=True)
    correcting.correct(ours, "Good morning.", by=tomas)
    assert site.answer(own) == "Good morning."
    ours.refresh_from_db()
    if account.network.can.delete_own:
        correcting.take_down(ours, by=tomas)
        assert site.answer(own) is None
    else:
        with pytest.raises(Refused):
            account.network.withdraw(account.connection(), ours.external_id, ours.facts)


def test_an_answer_waits_for_the_site_to_show_it(site, account, tomas):
    """Pending is told, and so is a refusal afterwards: then the case waits for us again."""
    own = site.says("Rita", 2, "hello")
    collects(account)
    if isinstance(site, Maps):
        site.verdict = "PENDING"
    answers(Case.objects.get(), tomas, "Call me: 555-0100")
    ours = Message.objects.get(outbound=True)
    if isinstance(site, Play):
        assert "pending" not in ours.facts
        return
    assert ours.facts["pending"]
    if isinstance(site, Connect):
        site.rows[own]["answer"]["state"] = "PUBLISHED"
        account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"
        account.save()
        collects(account)
        ours.refresh_from_db()
        assert (ours.facts["pending"], ours.text) == (False, "Call me: 555-0100")
        return
    site.rows[own]["answer"] |= {"state": "REJECTED", "why": {"type": "PHONE_NUMBER"}}
    collects(account)
    row = Reply.objects.get()
    assert row.state == Reply.State.REFUSED
    assert "PHONE_NUMBER" in row.failure
    assert Case.objects.get().state == Case.State.WAITING


def test_the_self_test_says_what_works(site, account):
    site.says("Rita", 2, "hello")
    first, second = account.network.test(oauth.connection(account))
    assert (first.works, second.works) == (True, None)


def test_the_form_says_what_to_do(site, at_once):
    if isinstance(site, Maps):
        with pytest.raises(Exception, match="Ternway Porto"):
            connected(site, at_once, place="")
        assert connected(site, at_once).external_id == PLACE
    elif isinstance(site, Play):
        form = network_of(site.slug).connect_form()({"package": "nonsense", "key": "{}"})
        assert {"package", "key"} <= set(form.errors)
    else:
        with pytest.raises(Exception, match="can’t be used"):
            connected(site, at_once, private_key="-----BEGIN PRIVATE KEY-----")


def test_a_token_for_apple_lasts_minutes():
    told = jwt.decode(
        apple.token({"issuer_id": "i", "key_id": "k", "private_key": pem_of("ES256")}),
        options={"verify_signature": False},
    )
    assert told["exp"] - told["iat"] <= timedelta(minutes=20).total_seconds()
    assert told["aud"] == "appstoreconnect-v1"


def test_what_was_said_before_leaves_once(site, account, tomas):
    """Two answers queued at once: the later one stands in the end, and both are told."""
    own = site.says("Rita", 2, "hello")
    collects(account)
    case = Case.objects.get()
    for text in ("First.", "Second."):
        case.refresh_from_db()
        queue(case, by=tomas, private=False, text=text, seen_version=case.version)
    leaves()
    assert site.answer(own) == "Second."
    assert Reply.objects.filter(state=Reply.State.SENT).count() == 2
