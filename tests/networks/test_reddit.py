"""Reddit, from a comment to the closed book by modmail, and an API that stumbles. The second client is PRAW."""

from __future__ import annotations

import praw
import pytest

from hark.cases.models import Case, Message
from hark.channels import actions, http
from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.models import Account
from hark.journeys import ways
from hark.replies.models import Reply

from .desk import answers, closes_the_book, collects, invites
from .kit import FAULTS as ALL
from .reddit import RedditApi

FAULTS = [how for how in ALL if how != "slow"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api():
    with RedditApi() as found:
        yield found


@pytest.fixture
def account(api, at_once) -> Account:
    return actions.connect(
        at_once, "reddit",
        {
            "external_id": "TernwayCare", "handle": "u/TernwayCare", "credentials": {"access": "token-1"},
            "settings": {"server": api.url, "poll_seconds": 0.05, "recheck_seconds": 3600, "moderates": ["ternway"]},
        },
    )  # fmt: skip


def ours(api) -> list[str]:
    return [one["body"] for one in api.things.values() if one["author"] == "TernwayCare"]


def test_from_a_comment_to_the_closed_book(api, account, tomas):
    api.says("flyer_77", "u/TernwayCare any update?")
    collects(account)
    case = Case.objects.get()
    answers(case, tomas, "I am so sorry. I stay with you.")
    assert ours(api) == ["I am so sorry. I stay with you."]
    assert ways.reach_of(case).mechanism == "dm_link"
    invites(case, tomas, "Write to us here:")
    assert ours(api)[1].endswith("https://www.reddit.com/message/compose?to=r/ternway")
    talk = api.mails_us("flyer_77", "My booking is TW-4471.")
    collects(account)
    case.refresh_from_db()
    assert (Case.objects.count(), case.has_private) == (1, True)
    answers(case, tomas, "It is on its way.", private=True)
    assert [api.mails[one["id"]]["bodyMarkdown"] for one in api.talks[talk]["objIds"]][1:] == [
        "It is on its way."
    ]
    closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    collects(account)
    assert Message.objects.filter(outbound=True).count() == 4


def test_praw_reads_the_stand_in(api):
    api.says("flyer_77", "hello")
    client = praw.Reddit(
        client_id="a", client_secret="b", refresh_token="c", user_agent="web:org.hark:test",
        oauth_url=api.url, reddit_url=api.url, check_for_updates=False,
    )  # fmt: skip
    [comment] = list(client.subreddit("ternway").comments(limit=5))
    assert (comment.body, comment.author.name) == ("hello", "flyer_77")


def test_pages_doubles_edits_and_deletions(api, account):
    names = [api.says("flyer_77", f"number {number}") for number in range(250)]
    collects(account, twice=True)
    assert Message.objects.count() == 250
    api.things[names[0]].update(author="[deleted]", body="[deleted]")
    api.things[names[1]].update(body="changed", edited=api.things[names[1]]["created_utc"] + 60)
    account.cursor.update(checked_at="2026-01-01T00:00:00+00:00", polled_at="2026-01-01T00:00:00+00:00")
    account.save()
    assert collects(account)[0].gap
    assert Message.objects.get(external_id=names[0]).deleted_at is not None
    assert Message.objects.get(external_id=names[1]).text == "changed"


@pytest.mark.parametrize("how", FAULTS)
def test_no_answer_is_lost_or_given_twice(api, account, tomas, how):
    api.says("flyer_77", "hello")
    collects(account)
    api.fails(how, on="POST /api/comment")
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.SENT
    assert ours(api) == ["Good morning."]
    collects(account)
    assert Message.objects.filter(outbound=True).count() == 1


def test_errors_that_come_with_a_good_status(api, account, tomas):
    api.says("flyer_77", "hello")
    collects(account)
    api.errors = [["RATELIMIT", "Take a break for 9 minutes before trying again.", "ratelimit"]]
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.SENT
    api.errors = [["THREAD_LOCKED", "that thread is locked", "parent"]]
    row = answers(Case.objects.get(), tomas, "And good night.")
    assert (row.state, row.failure) == (Reply.State.REFUSED, "that thread is locked")


def test_our_own_words_are_changed_and_taken_back(api, account):
    own = api.says("TernwayCare", "helo")
    account.network.edit(account.connection(), own, "hello", {})
    assert api.things[own]["body"] == "hello"
    account.network.withdraw(account.connection(), own, {})
    assert api.things[own]["body"] == "[deleted]"


def test_a_token_revoked_mid_send_holds_what_was_to_be_said(api, account, tomas):
    api.says("flyer_77", "hello")
    collects(account)
    api.token = "another"
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.HELD
    with pytest.raises(NeedsReconnect):
        collects(account)


@pytest.mark.parametrize("how", ["malformed", "truncated", "empty", "reset after", "500 after", "429"])
def test_a_page_that_came_to_harm_is_asked_for_again(api, account, how):
    api.says("flyer_77", "hello")
    api.fails(how, on="GET /r/ternway/comments")
    with pytest.raises(TryLater):
        collects(account)
    http._waits.clear()
    collects(account)
    assert Message.objects.count() == 1
