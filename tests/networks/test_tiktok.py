"""A TikTok business account: from a comment to the closed book by a link, messages in time, and an API that says no with 200."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from hark.cases.models import Case, Message
from hark.channels import actions, http, oauth
from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.models import Account, Delivery
from hark.channels.networks.tiktok import connect
from hark.channels.registry import network_of
from hark.journeys import correcting, move
from hark.replies.models import Reply
from tests import serving

from .desk import (
    answers,
    closes_the_book,
    follows,
    hears,
    invites,
    opens_a_chat,
    polls,
    sends,
    takes_in,
    until,
)
from .kit import FAULTS
from .tiktok import US, TikTok, no

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = {"client_id": "app", "client_secret": "app-secret"}


@pytest.fixture
def tiktok(monkeypatch):
    with TikTok() as found:
        monkeypatch.setenv("HARK_TIKTOK_API", found.url)
        urls = {
            "token_url": f"{found.url}/tt_user/oauth2/token/",
            "refresh_url": f"{found.url}/tt_user/oauth2/refresh_token/",
        }
        for name, url in urls.items():
            monkeypatch.setitem(connect.OAUTH.__dict__, name, url)
        http._waits.clear()
        yield found


@pytest.fixture
def account(tiktok, at_once) -> Account:
    """After the consent: the code becomes tokens, and they say which account it is."""
    back = "https://care.example/allowed/"
    asked = oauth.consent_url(connect.OAUTH, "app", back=back, state="s" * 40, verifier="v")
    code = parse_qs(urlsplit(tiktok.allows(asked)).query)["code"][0]
    form = network_of("tiktok").connect_form()(TOLD)
    assert form.is_valid(), form.errors
    form.tokens = oauth.exchange(connect.OAUTH, TOLD, code=code, back=back, verifier="v", label="TikTok")
    return actions.connect(at_once, "tiktok", form.connected())


def ours(tiktok: TikTok) -> list[str]:
    return [one["text"] for one in tiktok.comments.values() if one["user_id"] == US]


def test_from_a_comment_to_the_closed_book(tiktok, account, tomas, at_once):
    assert (account.external_id, account.handle, account.name) == (US, "@ternway", "Ternway")
    first = tiktok.says("rita", "my bag never came")
    polls(account)
    case = Case.objects.get()
    assert case.messages.get().url.startswith("https://www.tiktok.com/@ternway/video/")
    answers(case, tomas, "I am so sorry, Rita. I stay with you.")
    assert [one["text"] for one in tiktok.below(first)] == ["I am so sorry, Rita. I stay with you."]

    site = opens_a_chat(at_once)
    invites(case, tomas, move.invitation(case))
    assert ours(tiktok)[1].startswith(
        "Rita, could we go on in private? "
    )  # the longer line leaves no room for the link
    follows(site, ours(tiktok)[1].rpartition("/c/")[2], "My booking is TW-4471.")
    case.refresh_from_db()
    answers(case, tomas, "Your bag is on its way.", private=True)
    tiktok.says("rita", "thank you, I wrote there", first)
    polls(account)
    assert Case.objects.count() == 1
    closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    polls(account)
    assert Message.objects.filter(outbound=True, private=False).count() == len(ours(tiktok)) == 3
    assert "4471" not in "".join(ours(tiktok))


def test_messages_come_signed_twice_and_in_any_order_and_are_answered_in_time(tiktok, account, tomas):
    with serving.hark() as address:
        tiktok.hook = f"{address}/hooks/{account.hook_key}"
        tiktok.writes("rui", "hi")
        tiktok.writes("rui", "are you there?")
        tiktok.writes("rui", "From the app itself.", "im_send_msg")
        tiktok.happens("im_mark_read_msg", {"conversation_id": "c-rui", "timestamp": 1})
        tiktok.happens("authorization.removed", {"reason": 1})
        assert tiktok.pushes(secret="guessed") == 401
        assert tiktok.pushes(at=int(time.time()) - 400) == 401  # signed rightly, and too long ago
        assert tiktok.pushes() == tiktok.pushes() == 200
        until(lambda: not Delivery.objects.filter(state=Delivery.State.WAITING).exists(), "rest")
    takes_in()
    assert sorted(Message.objects.values_list("text", "private", "outbound")) == [
        ("From the app itself.", True, True), ("are you there?", True, False), ("hi", True, False),
    ]  # fmt: skip
    case = Case.objects.get()
    assert answers(case, tomas, "Here I am, Rui.", private=True).state == Reply.State.SENT
    hears(account, tiktok.events[-1])  # our own comes back
    assert Message.objects.filter(text="Here I am, Rui.").count() == 1

    late = timezone.now() - timedelta(hours=49)
    for message in Message.objects.filter(outbound=False):
        message.facts["at"] = late.isoformat()
        message.save()
    row = answers(case, tomas, "Still here.", private=True)
    assert (row.state, "48 hours" in row.failure) == (Reply.State.REFUSED, True)
    assert len(tiktok.asked("message/send")) == 1


def test_pages_outages_doubles_and_deletions(tiktok, account):
    for number in range(70):
        own = tiktok.says("rita", f"number {number}")
    polls(account)
    assert Message.objects.count() == 70
    with tiktok.away(), pytest.raises(TryLater):
        polls(account)
    account.refresh_from_db()
    account.cursor["polled_at"] = "2026-11-01T00:00:00+00:00"
    account.save()
    tiktok.says("sam", "and a reply", own)
    assert polls(account)[0].gap
    assert Message.objects.count() == 71
    tiktok.deletes(own)
    hears(account, tiktok.events[-1])
    assert Message.objects.get(external_id=own).is_deleted


def test_a_reply_below_an_older_comment_is_found(tiktok, account):
    """The list goes by when a thread began: a newer one without replies hides none below it."""
    first = tiktok.says("rita", "my bag never came")
    tiktok.says("mo", "what a view")
    for one in tiktok.comments.values():
        one["create_time"] -= 7200
    polls(account)
    account.refresh_from_db()
    account.cursor["since"] -= 3000
    account.save()
    tiktok.says("rita", "still no bag", first)
    polls(account)
    assert sorted(Message.objects.values_list("text", flat=True)) == [
        "my bag never came",
        "still no bag",
        "what a view",
    ]


def test_liking_hiding_and_taking_back(tiktok, account, tomas):
    own = tiktok.says("sam", "hello")
    polls(account)
    correcting.like(Message.objects.get(), by=tomas)
    account.network.hide(account.connection(), own, Message.objects.get().facts, hidden=True)
    assert (tiktok.likes, tiktok.hidden) == ([own], {own})
    answers(Case.objects.get(), tomas, "Good morning.")
    correcting.take_down(Message.objects.get(outbound=True), by=tomas)
    assert ours(tiktok) == []


@pytest.mark.parametrize("how", FAULTS)
def test_no_answer_is_lost_or_given_twice(tiktok, account, tomas, how):
    tiktok.says("rita", "hello")
    polls(account)
    tiktok.fails(how, on="POST /business/comment/reply", seconds=3)
    row = answers(Case.objects.get(), tomas, "Good morning.")
    sends()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT, row.failure
    assert ours(tiktok) == ["Good morning."]
    polls(account)
    assert Message.objects.filter(outbound=True).count() == 1


@pytest.mark.parametrize("how", ["500 after", "reset after", "malformed"])
def test_a_message_whose_answer_was_lost_is_for_a_person_and_never_sent_again(tiktok, account, tomas, how):
    tiktok.writes("rui", "hi")
    hears(account, tiktok.events[-1])
    tiktok.fails(how, on="POST /business/message/send")
    row = answers(Case.objects.get(), tomas, "Here I am.", private=True)
    sends()
    row.refresh_from_db()
    assert row.state != Reply.State.SENT
    assert len(tiktok.asked("message/send")) == 1


@pytest.mark.parametrize("how", FAULTS)
def test_a_page_that_came_to_harm_is_asked_for_again(tiktok, account, how):
    tiktok.says("rita", "hello")
    tiktok.fails(how, on="GET /business/comment/list", seconds=3)
    with pytest.raises(TryLater):
        polls(account)
    http._waits.clear()
    polls(account)
    assert Message.objects.count() == 1


def test_what_is_refused_with_status_200_is_told_apart(tiktok, account, tomas):
    tiktok.says("rita", "hello")
    polls(account)
    tiktok.trouble = [no(40100, "too many requests"), no(50002, "internal")]
    row = answers(Case.objects.get(), tomas, "Good morning.")  # waits, then is unsure, looks, and sends
    sends()
    row.refresh_from_db()
    assert (row.state, ours(tiktok)) == (Reply.State.SENT, ["Good morning."])
    tiktok.trouble = [no(40002, "text is not allowed")]
    row = answers(Case.objects.get(), tomas, "Once more.")
    assert (row.state, "text is not allowed" in row.failure) == (Reply.State.REFUSED, True)


def test_a_token_that_ends_is_renewed_and_one_that_was_revoked_holds_the_answer(tiktok, account, tomas):
    account.seal({**account.credentials, "access_ends": time.time() + 1})
    account.save()
    tiktok.says("rita", "hello")
    polls(account)
    assert Account.objects.get().credentials["access"] == "token-2"
    assert Account.objects.get().credentials["open_id"] == US
    tiktok.token = "another"
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.HELD
    with pytest.raises(NeedsReconnect, match="revoked"):
        polls(account)
    assert [one.works for one in account.network.test(account.connection())] == [False]


def test_without_the_list_of_videos_comments_come_by_webhook(tiktok, account):
    tiktok.lists_videos = False
    polls(account)
    said = {
        "comment_id": 7,
        "video_id": 8,
        "comment_action": "insert",
        "text": "hello",
        "unique_identifier": "u6",
        "timestamp": 1795510100,
    }
    tiktok.happens("comment.update", said)
    hears(account, tiktok.events[-1])
    assert Message.objects.get().text == "hello"
    assert any("by webhook alone" in one.text for one in account.network.test(account.connection()))
