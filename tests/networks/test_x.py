"""X against its stand-in: nothing lost, nothing twice, and every trouble told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cache

import pytest

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels import collectors, http
from hark.channels.base import NeedsReconnect, Refused, TryLater
from hark.channels.models import Account, Delivery
from hark.channels.networks.x import polling, posting
from hark.journeys import correcting
from hark.journeys.reply import queue
from hark.replies.models import Reply
from hark.web import outbound
from tests import looping

from .desk import hears, polls, sends
from .x import ANA, BRAND, MO, X

pytestmark = pytest.mark.django_db


@pytest.fixture
def x(monkeypatch) -> Iterator[X]:
    with X() as network:
        monkeypatch.setenv("HARK_X_API", network.url)
        monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
        monkeypatch.setattr(http, "_client", cache(lambda: outbound.client(timeout=1)))
        monkeypatch.setattr(posting, "SETTLE_SECONDS", 0.05)
        http._waits.clear()
        yield network


@pytest.fixture
def account(x, ternway) -> Account:
    Brand.objects.update(undo_seconds=0)
    made = Account(
        brand=ternway, channel="x", external_id=BRAND, handle="@HarkAir", settings={"messages_seconds": 0.001}
    )
    made.seal({"access": x.token, "hook_secret": x.secret})
    made.save()
    return made


@pytest.fixture
def case(x, account) -> Case:
    x.says(MO, "@HarkAir my bag never came")
    polls(account)
    return Case.objects.get()


def answer(
    case: Case, by, text: str = "Mo, I’m so sorry. I stay with you.", *, private: bool = False
) -> Reply:
    case.refresh_from_db()
    return queue(case, by=by, private=private, text=text, seen_version=case.version)[0]


def ours(x: X) -> list[str]:
    return [post["text"] for post in x.posts.values() if post["author_id"] == BRAND]


# Reading -----------------------------------------------------------------------------------------------


def test_a_mention_is_read_once_whichever_way_it_comes(x, account):
    post = x.says(ANA, "@HarkAir <3 & thanks")
    event = {"event_uuid": "-1", "event_type": "post.mention.create", "payload": post}
    hears(account, json.dumps({"data": event, "includes": {"users": [x.people[ANA]]}}).encode())
    polls(account)
    polls(account)

    [message] = Message.objects.all()
    assert (message.text, message.private) == ("@HarkAir <3 & thanks", False)
    assert message.profile.external_id == ANA  # beyond 53 bits, to the last digit
    assert message.url == f"https://x.com/ana/status/{post['id']}"


def test_an_outage_leaves_no_gap_and_pages_are_charged_once(x, account):
    x.says(MO, "@HarkAir one")
    polls(account)
    with x.away():
        wanted = [x.says(MO, f"@HarkAir number {n}")["id"] for n in range(25)]
        with pytest.raises(TryLater):
            polls(account)
    x.page_size = 10
    batches = polls(account)

    assert set(wanted) <= set(Message.objects.values_list("external_id", flat=True))
    assert sum(len(batch.envelopes) for batch in batches) == 25
    account.refresh_from_db()
    assert account.spent_this_month == 26 * 1000


def test_a_gap_that_is_cut_off_goes_on_where_it_stopped(x, account):
    x.says(MO, "@HarkAir one")
    polls(account)
    wanted = {x.says(MO, f"@HarkAir number {n}")["id"] for n in range(25)}
    x.page_size = 10
    round_ = polling.poll(account.connection(), Account.objects.get().cursor)
    collectors.store(account.pk, next(round_))
    x.fails("500 before", on="mentions")
    with pytest.raises(TryLater):
        next(round_)
    x.says(MO, "@HarkAir meanwhile")
    polls(account)
    polls(account)

    found = set(Message.objects.values_list("external_id", flat=True))
    assert wanted <= found
    assert len(found) == 27


def test_an_edit_is_the_same_message_and_a_deletion_empties_it(x, account):
    post = x.says(MO, "@HarkAir my bag nevr came")
    polls(account)
    x.edits(post["id"], "@HarkAir my bag never came")
    polls(account)
    [message] = Message.objects.all()
    assert message.text == "@HarkAir my bag never came"
    assert message.facts["id"] != post["id"]  # an answer goes to the version that stands
    assert message.version.endswith(message.facts["id"])

    gone = {"event_uuid": "9", "event_type": "post.delete", "payload": {"id": post["id"], "author_id": MO}}
    hears(account, json.dumps({"data": gone}).encode())
    message.refresh_from_db()
    assert (message.text, message.is_deleted) == ("", True)


def test_messages_are_private_and_asked_for_sparingly(x, account):
    for number in range(12):
        x.writes(MO, f"line {number}", pushed=False)
    polls(account)
    assert Message.objects.filter(private=True).count() == 12
    x.writes(MO, "one more", pushed=False)
    asked = len(x.asked("dm_events"))
    batches = polls(account)
    assert len(x.asked("dm_events")) == asked + 1
    assert sum(len(batch.envelopes) for batch in batches) == polling.FEW
    assert Message.objects.filter(private=True).count() == 13
    assert Message.objects.values("thread").distinct().count() == 1


def test_beyond_the_cap_nothing_is_called(x, account, case, tomas):
    Account.objects.update(settings={"cap_dollars": 0.0005})
    x.calls.clear()
    row = answer(case, tomas)
    sends()
    with pytest.raises(TryLater, match="cap"):
        polls(account)
    row.refresh_from_db()
    assert (row.state, "cap" in row.failure) == (Reply.State.REFUSED, True)
    assert x.calls == []


@pytest.mark.django_db(transaction=True)
def test_the_collectors_ask_round_after_round(x, account):
    """As `hark up` does: a round, a rest, and the account opened anew."""
    Account.objects.update(settings={"poll_seconds": 0.1})
    x.says(MO, "@HarkAir hello")

    async def for_a_while() -> None:
        task = asyncio.create_task(collectors.collect(account.pk))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if len(x.asked("mentions")) >= 3:
                break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    looping.run(for_a_while())
    assert 3 <= len(x.asked("mentions")) <= 6
    assert Delivery.objects.count() == 1
    assert Account.objects.get().health == Account.Health.GOOD


# Speaking ----------------------------------------------------------------------------------------------


def test_an_answer_stands_below_the_post_and_its_price_is_counted(x, account, case, tomas):
    answer(case, tomas)
    sends()
    [post] = [one for one in x.posts.values() if one["author_id"] == BRAND]
    assert post["referenced_tweets"][0]["id"] == case.messages.get(outbound=False).external_id
    account.refresh_from_db()
    assert account.spent_this_month == 1000 + 10_000

    echo = {"event_uuid": "5", "event_type": "post.create", "payload": post}
    hears(account, json.dumps({"data": echo}).encode())
    [message] = Message.objects.filter(outbound=True)
    assert message.member == tomas


def test_a_long_answer_is_a_thread_in_order(x, account, case, tomas):
    answer(case, tomas, "We have found it and it is on its way to you. " * 12)
    sends()
    posts = [one for one in x.posts.values() if one["author_id"] == BRAND]
    assert len(posts) == 3
    assert [p["referenced_tweets"][0]["id"] for p in posts[1:]] == [p["id"] for p in posts[:-1]]


def test_a_post_that_did_not_summon_us_is_refused_before_it_costs_anything(x, account, tomas):
    post = x.says(MO, "HarkAir lost my bag")
    event = {"event_uuid": "1", "event_type": "post.quote.create", "payload": post}
    hears(account, json.dumps({"data": event}).encode())
    row = answer(Case.objects.get(), tomas)
    sends()
    row.refresh_from_db()
    assert row.state == Reply.State.REFUSED
    assert "mention us" in row.failure
    assert x.asked("POST") == []


def test_a_stranger_who_takes_no_messages_is_told_to_the_author(x, account, case, tomas):
    x.writes(MO, "hello", pushed=False)
    polls(account)
    x.closed_to.add(MO)
    row = answer(Case.objects.latest("id"), tomas, "Hello Mo.", private=True)
    sends()
    row.refresh_from_db()
    assert row.state == Reply.State.REFUSED
    assert "do not have permission to DM" in row.failure


def test_likes_are_for_enterprise_and_deleting_is_for_our_own(x, account, case, tomas):
    with pytest.raises(Exception, match="Enterprise"):
        correcting.like(case.messages.get(), by=tomas)
    Account.objects.update(settings={"tier": "enterprise"})
    correcting.like(Message.objects.get(), by=tomas)
    assert x.likes == [Message.objects.get().external_id]

    answer(case, tomas)
    sends()
    correcting.take_down(Message.objects.get(outbound=True), by=tomas)
    assert ours(x) == []


# Faults ------------------------------------------------------------------------------------------------

WRITES = [(False, "POST /2/tweets"), (True, "POST /2/dm_conversations")]
FAULTS = [
    "429",
    "429 bare",
    "500 before",
    "500 after",
    "reset before",
    "reset after",
    "malformed",
    "truncated",
    "empty",
    "slow",
]


@pytest.mark.parametrize("private", [False, True], ids=["post", "message"])
@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_goes_wrong_the_answer_is_out_there_once(x, account, case, tomas, kind, private):
    if private:
        x.writes(MO, "hello", pushed=False)
        polls(account)
    row = answer(Case.objects.latest("id"), tomas, private=private)
    x.fails(kind, on=WRITES[private][1], seconds=2)
    for _ in range(4):
        sends()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT, row.failure
    said = [one["text"] for one in x.messages if one["sender_id"] == BRAND] if private else ours(x)
    assert len(said) == 1
    assert Message.objects.filter(outbound=True).count() == 1


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_goes_wrong_while_reading_nothing_is_lost(x, account, kind):
    x.says(MO, "@HarkAir hello")
    x.fails(kind, on="mentions", seconds=2)
    with pytest.raises(TryLater):
        polls(account)
    http._waits.clear()
    polls(account)
    assert Message.objects.count() == 1
    assert not Delivery.objects.filter(state=Delivery.State.UNREADABLE).exists()


@pytest.mark.parametrize(("kind", "least", "most"), [("429", 298, 302), ("429 bare", 59, 61)])
def test_a_limit_is_waited_out_without_asking_again(x, account, kind, least, most):
    x.fails(kind, on="mentions", seconds=300)
    with pytest.raises(TryLater) as first:
        polls(account)
    with pytest.raises(TryLater) as second:
        polls(account)
    assert least <= first.value.seconds <= most
    assert least - 1 <= second.value.seconds <= most
    assert len(x.asked("mentions")) == 1


def test_a_permission_that_is_revoked_holds_the_answer_until_it_is_renewed(x, account, case, tomas):
    row, before = answer(case, tomas), x.token
    x.token = "another"
    sends()
    row.refresh_from_db()
    account.refresh_from_db()
    assert (row.state, account.health) == (Reply.State.HELD, Account.Health.RECONNECT)
    assert "no longer lets us in" in row.failure
    calls = len(x.calls)
    second = answer(case, tomas, "And one more thing.")
    sends()
    second.refresh_from_db()
    assert second.state == Reply.State.HELD
    assert len(x.calls) == calls  # nothing is pretended, and nothing asked in vain

    x.token = before
    Account.objects.update(health=Account.Health.GOOD)  # as connecting anew does
    sends()
    assert len(ours(x)) == 2


def test_a_deleted_post_is_final_and_said(x, account, case, tomas):
    row = answer(case, tomas)
    x.posts.clear()
    sends()
    row.refresh_from_db()
    assert row.state == Reply.State.REFUSED
    assert "deleted or not visible" in row.failure


def test_errors_of_x_in_our_four_shapes(x, account):
    for status, kind, wanted in (
        (401, "", NeedsReconnect),
        (403, "usage-capped", Refused),
        (404, "", Refused),
    ):
        problem = http.SaidNo(status, "no", body={"type": kind, "detail": "why"})
        from hark.channels.networks.x import api

        assert isinstance(api._final(problem), wanted)


# A second party ----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tweepy_reads_the_stand_in_and_what_we_said_there(x, account, case, tomas):
    """So that it is not only us who agree with ourselves."""
    answer(case, tomas)
    sends()
    tweepy = pytest.importorskip("tweepy")
    client = tweepy.Client(x.token)
    asking = client.session.request
    client.session.request = lambda method, url, **more: asking(
        method, url.replace("https://api.twitter.com", x.url), **more
    )
    fields = ["conversation_id", "referenced_tweets", "author_id"]
    [post] = client.get_users_tweets(BRAND, tweet_fields=fields).data
    assert "I stay with you" in post.text
    assert post.referenced_tweets[0].type == "replied_to"
    mentions = client.get_users_mentions(BRAND, tweet_fields=fields, expansions="author_id")
    assert [(one.text, one.conversation_id) for one in mentions.data] == [
        ("@HarkAir my bag never came", post.conversation_id)
    ]
    assert mentions.includes["users"][0].username == "mo_travels"
    x.fails("429", seconds=1)
    with pytest.raises(tweepy.errors.TooManyRequests):
        client.get_users_tweets(BRAND)
