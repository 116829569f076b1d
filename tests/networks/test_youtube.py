"""YouTube, from a comment to the closed book by a link to the brand's chat, and an API that stumbles or runs out of quota."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from hark.cases.models import Case, Message
from hark.channels import actions, allowance, http
from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.models import Account, Allowance
from hark.journeys import ways
from hark.moves.models import Move
from hark.replies.models import Reply

from .desk import answers, closes_the_book, collects, follows, invites, opens_a_chat
from .kit import FAULTS as ALL
from .youtube import DataApi

FAULTS = [how for how in ALL if how != "slow"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api():
    with DataApi() as found:
        yield found


@pytest.fixture
def account(api, at_once) -> Account:
    return actions.connect(
        at_once, "youtube",
        {
            "external_id": "UCbrand", "handle": "@ternway", "credentials": {"access": "token-1"},
            "settings": {"server": api.url, "poll_seconds": 0.05, "recheck_seconds": 3600},
        },
    )  # fmt: skip


def test_from_a_comment_to_the_closed_book(api, account, tomas, at_once):
    root = api.says("rita", "my seat was taken")
    collects(account)
    case = Case.objects.get()
    answers(case, tomas, "I am so sorry, Rita. I stay with you.")
    assert [one["snippet"]["textOriginal"] for one in api.below(root)] == [
        "I am so sorry, Rita. I stay with you."
    ]
    assert not ways.reach_of(case).possible  # without a chat of the brand's own there is no way over

    site = opens_a_chat(at_once)
    assert ways.reach_of(case).mechanism == "link"
    invites(case, tomas, "Rita, this way:")
    assert "/c/" in api.below(root)[1]["snippet"]["textOriginal"]
    assert Move.objects.get().token_hash
    token = api.below(root)[1]["snippet"]["textOriginal"].rpartition("/c/")[2]
    follows(site, token, "My booking is TW-4471.")
    case.refresh_from_db()
    assert case.has_private
    answers(case, tomas, "Your seat is yours again.", private=True)
    api.says("rita", "thank you, I wrote there", root)
    collects(account)
    assert Case.objects.count() == 1

    closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    assert Message.objects.filter(outbound=True, private=False).count() == len(api.below(root)) - 1 == 3


def test_pages_gaps_growth_and_doubles(api, account):
    roots = [api.says("rita", f"number {number}") for number in range(250)]
    collects(account, twice=True)
    assert Message.objects.count() == 250
    account.cursor["polled_at"] = "2026-01-01T00:00:00+00:00"
    account.save()
    api.says("sam", "a reply", roots[-1])
    api.says("sam", "another", roots[-1])
    assert collects(account)[0].gap
    assert Message.objects.count() == 252
    spent = api.quota
    collects(account)
    assert spent - api.quota <= 3  # a round in which nothing is new costs next to nothing


def test_deletions_are_found_and_comments_moderated(api, account):
    root = api.says("sam", "buy here", status="heldForReview")
    collects(account)
    assert Message.objects.get().external_id == root
    account.network.hide(account.connection(), root, {}, hidden=False)
    assert api.status[root] == "published"
    account.network.hide(account.connection(), root, {}, hidden=True)
    assert api.status[root] == "heldForReview"
    del api.comments[root]
    account.cursor["checked_at"] = "2026-01-01T00:00:00+00:00"
    account.save()
    collects(account)
    assert Message.objects.get().deleted_at is not None


@pytest.mark.parametrize(
    "how",
    [
        "500 after",
        "reset after",
        "malformed",
        "truncated",
        "empty",
        "reset before",
        "429",
        "429 bare",
        "500 before",
    ],
)
def test_no_answer_is_lost_or_given_twice(api, account, tomas, how):
    root = api.says("rita", "hello")
    collects(account)
    api.fails(how, on="POST /comments")
    row = answers(Case.objects.get(), tomas, "Good morning.")
    assert row.state == Reply.State.SENT
    assert len(api.below(root)) == 1
    collects(account)
    assert Message.objects.filter(outbound=True).count() == 1


def test_a_token_revoked_mid_send_holds_what_was_to_be_said(api, account, tomas):
    api.says("rita", "hello")
    collects(account)
    api.token = "another"
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.HELD
    with pytest.raises(NeedsReconnect):
        collects(account)


@pytest.mark.parametrize("how", ["malformed", "truncated", "empty", "reset after", "500 after", "429"])
def test_a_page_that_came_to_harm_is_asked_for_again(api, account, how):
    api.says("rita", "hello")
    api.fails(how, on="GET /commentThreads")
    with pytest.raises(TryLater):
        collects(account)
    http._waits.clear()
    collects(account)
    assert Message.objects.count() == 1


def test_the_quota_is_waited_for(api, account, tomas):
    api.says("rita", "hello")
    collects(account)
    account.settings["units_per_day"] = 100  # sixty for answers: one
    account.save()
    assert answers(Case.objects.get(), tomas, "Good morning.").state == Reply.State.SENT
    assert answers(Case.objects.get(), tomas, "And good night.").state == Reply.State.QUEUED
    assert Allowance.objects.get(name="youtube answers UCbrand").used == 50
    api.quota = 0
    account.settings["units_per_day"] = 10_000
    with pytest.raises(TryLater) as told:
        account.network.poll(account.connection(), {})
    assert told.value.seconds >= 60


def test_the_quota_is_one_for_all_processes(db):
    """Eight at once take what is there, and not a unit more; a new day begins anew."""

    def takes(_number: int) -> int:
        try:
            return sum(allowance.take("youtube answers p", "2026-11-24", 50, 1010) for _ in range(10))
        finally:
            assert connection.connection is None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(takes, range(8))) == 20
    assert Allowance.objects.get().used == 1000
    assert allowance.take("youtube answers p", "2026-11-25", 50, 1010)
    assert not allowance.take("youtube answers other", "2026-11-25", 50, 49)
