"""A LinkedIn page: from a comment to the closed book by a link to the brand's chat, and an API that stumbles."""

from __future__ import annotations

import time

import pytest

from hark.cases.models import Case, Message
from hark.channels import actions, http
from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.models import Account, Delivery
from hark.channels.registry import network_of
from hark.journeys import correcting, ways
from hark.replies.models import Reply
from tests import serving

from .desk import answers, closes_the_book, follows, invites, opens_a_chat, polls, sends, until
from .kit import FAULTS
from .linkedin import PAGE, POST, RITA, LinkedIn

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = {
    "client_id": "app",
    "client_secret": "app-secret",
    "page": "urn:li:organization:55",
    "application": "77",
}


@pytest.fixture
def linkedin(monkeypatch):
    with LinkedIn() as found:
        monkeypatch.setenv("HARK_LINKEDIN_API", found.url)
        http._waits.clear()
        yield found


@pytest.fixture
def account(linkedin, at_once) -> Account:
    """As after the consent: the form is asked with the tokens it brought."""
    form = network_of("linkedin").connect_form()(TOLD)
    assert form.is_valid(), form.errors
    form.tokens = {"access": linkedin.token, "access_ends": time.time() + 5_184_000}
    return actions.connect(at_once, "linkedin", form.connected())


def ours(linkedin: LinkedIn) -> list[str]:
    return [one["message"]["text"] for one in linkedin.comments.values() if one["actor"] == PAGE]


def test_from_a_comment_to_the_closed_book(linkedin, account, tomas, at_once):
    assert (account.external_id, account.handle, account.name) == ("55", "ternway", "Ternway")
    assert account.token_expires_at  # LinkedIn gave no refresh token: a person renews it, and is told ahead
    first = linkedin.says(RITA, "My bag never came.")
    polls(account)
    case = Case.objects.get()
    answers(case, tomas, "I am so sorry, Rita. I stay with you.")
    [own] = [one for one in linkedin.comments.values() if one["actor"] == PAGE]
    assert own["parentComment"] == first

    assert not ways.reach_of(case).possible  # without a chat of the brand's own there is no way over
    site = opens_a_chat(at_once)
    invites(case, tomas, "Rita, this way:")
    token = ours(linkedin)[1].rpartition("/c/")[2]
    follows(site, token, "My booking is TW-4471.")
    case.refresh_from_db()
    answers(case, tomas, "Your bag is on its way.", private=True)
    linkedin.says(RITA, "thank you, I wrote there", first)
    polls(account)
    assert Case.objects.count() == 1

    closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    polls(account)  # our own come back as ADMIN_COMMENT and are known
    assert Message.objects.filter(outbound=True, private=False).count() == len(ours(linkedin)) == 3
    assert "4471" not in "".join(ours(linkedin))


def test_webhooks_are_validated_signed_and_come_in_any_order_and_twice(linkedin, account, settings):
    with serving.hark() as address:
        linkedin.hook = f"{address}/hooks/{account.hook_key}"
        assert linkedin.validates()
        first = linkedin.says(RITA, "one")
        linkedin.edits(first, "one, mended")
        for number in range(12):
            linkedin.says(RITA, f"number {number}")
        gone = linkedin.says(RITA, "never mind")
        linkedin.comments.pop(gone)
        linkedin.tells("COMMENT_DELETE", gone)
        assert linkedin.pushes(secret="guessed") == 401
        assert linkedin.pushes() == linkedin.pushes() == 200
        until(lambda: Message.objects.count() == 14, "all of it")
        until(lambda: not Delivery.objects.filter(state=Delivery.State.WAITING).exists(), "rest")
    polls(account)
    assert Message.objects.count() == 14
    assert Message.objects.get(external_id=first).text == "one, mended"
    assert Message.objects.get(external_id=gone).is_deleted
    assert Message.objects.filter(profile__external_id=RITA).values("thread").distinct().count() == 1


def test_what_comes_without_words_is_asked_for_and_a_mention_says_so(linkedin, account):
    linkedin.decorated = False
    own = linkedin.says(RITA, "Hello?")
    linkedin.tells("SHARE_MENTION", "urn:li:share:901")
    linkedin.tells("LIKE", "urn:li:reaction:(x)")
    polls(account)
    assert Message.objects.get(external_id=own).text == "Hello?"
    mention = Message.objects.get(external_id="urn:li:share:901")
    assert "open it there" in mention.text
    assert mention.url.endswith("urn:li:share:901/")
    assert Message.objects.count() == 2


def test_an_outage_of_any_length_is_read_again_page_by_page(linkedin, account):
    polls(account)
    with linkedin.away(), pytest.raises(TryLater):
        polls(account)
    for number in range(250):
        linkedin.says(RITA, f"number {number}")
    account.refresh_from_db()
    account.cursor["polled_at"] = "2026-11-01T00:00:00+00:00"
    account.save()
    batches = polls(account)
    assert batches[0].gap
    assert Message.objects.count() == 250
    assert len(polls(account)[0].envelopes) in range(251)  # the overlap comes again
    assert Message.objects.count() == 250


def test_correcting_liking_and_taking_back(linkedin, account, tomas):
    own = linkedin.says(RITA, "hello")
    polls(account)
    case = Case.objects.get()
    correcting.like(case.messages.get(), by=tomas)
    assert linkedin.likes == [own]
    row = answers(case, tomas, "Good mroning.")
    mine = Message.objects.get(outbound=True)
    account.network.edit(account.connection(), mine.external_id, "Good morning.", mine.facts)
    assert ours(linkedin) == ["Good morning."]
    correcting.take_down(mine, by=tomas)
    assert (ours(linkedin), row.state) == ([], Reply.State.SENT)


@pytest.mark.parametrize("how", FAULTS)
def test_no_answer_is_lost_or_given_twice(linkedin, account, tomas, how):
    linkedin.says(RITA, "hello")
    polls(account)
    linkedin.fails(how, on="POST /rest/socialActions", seconds=3)
    row = answers(Case.objects.get(), tomas, "Good morning.")
    if row.state != Reply.State.SENT:  # it was asked to wait
        http._waits.clear()
        sends()
        row.refresh_from_db()
    assert row.state == Reply.State.SENT, row.failure
    assert ours(linkedin) == ["Good morning."]
    polls(account)
    assert Message.objects.filter(outbound=True).count() == 1


@pytest.mark.parametrize("how", FAULTS)
def test_a_page_that_came_to_harm_is_asked_for_again(linkedin, account, how):
    linkedin.says(RITA, "hello")
    linkedin.fails(how, on="GET /rest/organizationalEntityNotifications", seconds=3)
    with pytest.raises(TryLater):
        polls(account)
    http._waits.clear()
    polls(account)
    assert Message.objects.count() == 1


def test_a_token_revoked_mid_send_a_dead_version_and_a_lost_role(linkedin, account, tomas):
    linkedin.says(RITA, "hello")
    polls(account)
    case = Case.objects.get()
    linkedin.version = "202710"
    assert (
        answers(case, tomas, "Good morning.").state == Reply.State.QUEUED
    )  # an operator names a version that lives
    linkedin.version, linkedin.token = "202610", "another"
    http._waits.clear()
    sends()
    assert Reply.objects.get().state == Reply.State.HELD
    with pytest.raises(NeedsReconnect):
        polls(account)
    linkedin.token, linkedin.role = "token-1", False
    [finding, *_more] = account.network.test(account.connection())
    assert finding.works is False
    assert "role" in finding.text


def test_the_same_words_by_hand_before_are_found_and_not_repeated(linkedin, account, tomas):
    own = linkedin.says(RITA, "hello")
    polls(account)
    linkedin.says(PAGE, "Good morning.", own, "ADMIN_COMMENT")
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.SENT
    assert ours(linkedin) == ["Good morning."]
    assert POST in linkedin.asked("POST /rest/socialActions")[-1].json["object"]
