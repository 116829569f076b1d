"""Every network of the registry, and everything that goes wrong with networks: nothing lost, nothing twice, a word to a person.

Counts are printed at the end of the run, a line for each network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from hark.cases.models import Case, Message
from hark.channels import http
from hark.channels.base import Failure, NeedsReconnect
from hark.channels.models import Account, Delivery, Gap
from hark.channels.registry import NETWORKS
from hark.replies.models import Reply

from .desk import answers, leaves
from .rigs import ELSEWHERE, RIGS, Rig

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parent.parent.parent
PEERS = ["email"]


def rigged(*attributes: str) -> list[Any]:
    """Those rigs that have all of these."""
    found = [slug for slug, rig in sorted(RIGS.items()) if all(getattr(rig, name) for name in attributes)]
    return [pytest.param(slug, marks=pytest.mark.peer) if slug in PEERS else slug for slug in found]


LISTS, SENDS = rigged("asks"), rigged("sends")
PLACES = ("polled_at", "since", "at", "checked", "checked_at", "messages_at")  # times in a cursor


@pytest.fixture(params=rigged())
def rig(request) -> Iterator[Rig]:
    http._waits.clear()
    with RIGS[request.param](request).running() as found:
        yield found


@pytest.fixture
def account(rig, at_once) -> Account:
    return rig.connected(at_once)


def test_no_network_is_left_out():
    """A new one gets a rig, or tests of its own that order faults."""
    for slug in set(NETWORKS) - set(RIGS):
        own = [
            *(ROOT / f"hark/channels/networks/{slug}/tests").glob("test_*.py"),
            *Path(__file__).parent.glob("test_*.py"),
        ]
        elsewhere = ELSEWHERE.get(slug)
        assert elsewhere or any(".fails(" in path.read_text() and slug in path.read_text() for path in own), (
            slug
        )
        assert elsewhere is None or (ROOT / elsewhere).exists()


def passes(account: Account, **time: float) -> None:
    """So much time passes for Hark, and none for the network: what it remembers is that much older (or younger)."""
    account.refresh_from_db()
    ago, cursor = timedelta(**time), dict(account.cursor)
    for name in PLACES:
        value = cursor.get(name)
        if isinstance(value, str):
            cursor[name] = (datetime.fromisoformat(value) - ago).isoformat()
        elif isinstance(value, int | float):
            cursor[name] = value - round(
                ago.total_seconds() * (1000 if value > 1e11 else 1)
            )  # some count milliseconds
    last = account.last_seen_at and account.last_seen_at - ago
    Account.objects.filter(pk=account.pk).update(cursor=cursor, last_seen_at=last)
    http._waits.clear()


def heard() -> list[str]:
    return [message.text for message in Message.objects.filter(outbound=False, deleted_at=None)]


@pytest.mark.parametrize("rig", SENDS, indirect=True)
def test_answers_leave_once_whatever_happens(rig, account, tomas, tell):
    """429 with and without headers, 5xx before and after it was accepted, resets, half an answer, none, and nonsense."""
    rig.says("my suitcase is lost")
    rig.gives(account)
    case = Case.objects.get()
    client, failed, became = Client(), [], Counter()
    client.force_login(tomas.user)
    for kind in rig.kinds:
        text = f"We are looking for it. ({kind})"
        rig.fails(kind)
        row = answers(case, tomas, text, private=rig.private)
        http._waits.clear()
        leaves()
        row.refresh_from_db()
        became[row.state] += 1
        failed += [f"{kind}: it never happened"] * rig.missed()
        times = sum(text in one for one in rig.ours())
        if row.state == Reply.State.SENT:
            failed += [f"{kind}: sent, and {times} times there"] * (times != 1)
        elif rig.tells_what_was_sent or times > 1 or row.state != Reply.State.UNSURE:
            failed.append(f"{kind}: {row.state} ({row.failure}), and {times} times there")
        else:  # nobody can be asked: a person has to look, and is told so
            page = client.get(f"/b/ternway/cases/{case.pk}/").text
            failed += [f"{kind}: nobody is told"] * (not row.failure or escape(row.failure) not in page)
            Reply.objects.filter(pk=row.pk).update(state=Reply.State.REFUSED)
    states = ", ".join(f"{count} {state}" for state, count in became.items())
    tell("H1", f"{rig.slug}: answers under {len(rig.kinds)} faults", len(rig.kinds), failed, (0,), states)


@pytest.mark.parametrize("rig", SENDS, indirect=True)
def test_a_token_revoked_mid_send_holds_what_was_to_be_said(rig, account, tomas):
    rig.says("my suitcase is lost")
    rig.gives(account)
    case = Case.objects.get()
    held = rig.revoked()
    row = answers(case, tomas, "We are looking for it.", private=rig.private)
    account.refresh_from_db()
    assert (row.state, account.health) == (Reply.State.HELD, Account.Health.RECONNECT)
    assert account.last_error
    assert not rig.ours()
    if rig.asks:
        with pytest.raises(NeedsReconnect):
            rig.gives(account)
    page = Client()
    page.force_login(tomas.user)
    assert escape(row.failure) in page.get(f"/b/ternway/cases/{case.pk}/").text

    rig.allowed(held)
    Account.objects.update(health=Account.Health.GOOD)
    leaves()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT
    assert sum("We are looking for it." in one for one in rig.ours()) == 1


@pytest.mark.parametrize("rig", LISTS, indirect=True)
def test_what_is_asked_for_comes_whatever_happens(rig, account, tell):
    rig.says("before")
    rig.gives(account)
    failed = []
    for kind in rig.kinds:
        rig.says(f"hello ({kind})")
        rig.network.fails(kind, on=rig.asks)
        try:
            rig.gives(account)
        except NeedsReconnect as problem:
            failed.append(f"{kind}: taken for a lost permission ({problem})")
        except Failure as problem:
            failed += [f"{kind}: it fails and says nothing"] * (not str(problem))
        failed += [f"{kind}: it never happened"] * rig.missed()
        rig.network.faults.clear()
        passes(account, seconds=130)
        rig.gives(account)
        times = sum(f"hello ({kind})" in one for one in heard())
        failed += [f"{kind}: {times} times here"] * (times != 1)
    failed += [f"unreadable: {one.problem}" for one in Delivery.objects.unreadable()]
    tell("H1", f"{rig.slug}: reading under {len(rig.kinds)} faults", len(rig.kinds), failed, (0,))


@pytest.mark.parametrize("rig", LISTS, indirect=True)
def test_ten_minutes_of_outage_leave_no_gap_and_are_told(rig, account):
    rig.says("before")
    rig.gives(account)
    with rig.network.away():
        for number in range(7):
            rig.says(f"meanwhile {number}")
        with pytest.raises(Failure):
            rig.gives(account)
    passes(account, minutes=10)
    rig.gives(account)
    rig.says("after")
    passes(account, seconds=90)
    rig.gives(account)

    assert sorted(sum(f"meanwhile {n}" in one for one in heard()) for n in range(7)) == [1] * 7
    assert sum("after" in one for one in heard()) == 1
    gap = Gap.objects.get()
    assert (gap.found >= 7, gap.closed_at is None) == (True, False)
    assert gap.until - gap.since >= timedelta(minutes=10)


@pytest.mark.parametrize("rig", rigged("sends", "posts"), indirect=True)
def test_what_is_to_be_said_in_an_outage_waits_in_plain_sight_and_leaves_once(rig, account, tomas):
    rig.says("my suitcase is lost")
    rig.gives(account)
    case = Case.objects.get()
    page = Client()
    page.force_login(tomas.user)
    with rig.network.away():
        row = answers(case, tomas, "We are looking for it.", private=rig.private)
        assert row.state in (Reply.State.QUEUED, Reply.State.UNSURE)
        assert escape(row.failure) in page.get(f"/b/ternway/cases/{case.pk}/").text
    passes(account, minutes=10)
    leaves()
    row.refresh_from_db()
    times = sum("We are looking for it." in one for one in rig.ours())
    if rig.tells_what_was_sent:
        assert (row.state, times) == (Reply.State.SENT, 1)
    else:  # cut off in the middle of the call, and nobody can be asked
        assert (row.state, times) in [(Reply.State.SENT, 1), (Reply.State.UNSURE, 0)]


def test_twice_and_the_other_way_round_is_once(rig, account):
    for number in range(4):
        rig.says(f"number {number}")
    rig.gives(account, twice=True)
    rig.gives(account, twice=True)
    assert sorted(sum(f"number {n}" in one for one in heard()) for n in range(4)) == [1] * 4
    assert not Delivery.objects.unreadable().exists()


@pytest.mark.parametrize("seconds", [-90, 90])
def test_clocks_that_differ_by_a_minute_and_a_half_lose_nothing(rig, account, tomas, seconds):
    """What was read is looked for by another clock than ours, and so is an answer that was lost."""
    rig.says("before")
    rig.gives(account)
    passes(account, seconds=seconds)
    rig.says("hello")
    rig.gives(account)
    assert sum("hello" in one for one in heard()) == 1
    if not rig.tells_what_was_sent:
        return
    rig.fails("500 after")
    case = Case.objects.order_by("-pk")[0]
    row = answers(case, tomas, "Good morning.", private=rig.private)
    if row.state == Reply.State.UNSURE:
        Reply.objects.filter(pk=row.pk).update(queued_at=timezone.now() + timedelta(seconds=seconds))
        http._waits.clear()
        leaves()
        row.refresh_from_db()
    assert row.state == Reply.State.SENT
    assert sum("Good morning." in one for one in rig.ours()) == 1
