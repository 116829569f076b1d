"""What was delivered and what became of it: gaps that close by themselves, a recount at night, and a page that tells."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from hark.cases.models import Message
from hark.channels import collectors, intake
from hark.channels.base import Batch, Envelope
from hark.channels.ledger import ledger
from hark.channels.models import Account, Delivery, Gap, Recount
from hark.channels.networks.practice import api, world
from hark.journeys import arrival, recounting

pytestmark = pytest.mark.django_db


def page_of(member, path: str = "settings/accounts/ledger/") -> str:
    client = Client()
    client.force_login(member.user)
    return client.get(f"/b/{member.brand.slug}/{path}").text


def bad(practice, key: str = "k") -> Delivery:
    intake.append(practice.account, [Envelope(key, b"{")])
    while arrival.work():
        pass
    return Delivery.objects.get(event_key=key)


def test_an_outage_is_told_from_when_to_when_and_with_what_it_brought(practice, ines):
    practice.says("maya", "before")
    left = timezone.now() - timedelta(minutes=10)
    Account.objects.update(last_seen_at=left, last_error="The practice network can't be reached.")
    said = [practice.says("maya", f"meanwhile {n}", take_in=False) for n in range(3)]
    Delivery.objects.filter(event_key__in=[event["key"] for event in said]).delete()
    missed = [Envelope(event["key"], b"{}") for event in said]

    pk = practice.account.pk
    collectors.store(pk, Batch(tuple(missed[:2]), {"after": 2}, gap="since 10:00"))
    [gap] = Gap.objects.all()
    assert (gap.since, gap.found, gap.closed_at) == (left, 2, None)
    assert "It is being read again: 2 events so far." in page_of(ines)
    collectors.store(pk, Batch(tuple(missed[1:]), {"after": 3}))
    collectors.store(pk, Batch((Envelope("live", b"{}"),), {"after": 4}))

    gap.refresh_from_db()
    assert (gap.found, gap.closed_at is None) == (3, False)
    assert "reached" in gap.last_error
    assert Delivery.objects.filter(recovered=True).count() == 3
    assert "3 events were missed and have been read again." in page_of(ines)
    assert "3 events recovered" in page_of(ines, f"settings/accounts/{pk}/")


def test_the_ledger_adds_up_and_leads_to_what_cant_be_read(practice, ines, vera, ruth):
    practice.says("maya", "one")
    practice.says("maya", "two", take_in=False)
    yesterday = bad(practice, "old")
    Delivery.objects.filter(pk=yesterday.pk).update(received_at=timezone.now() - timedelta(days=1))
    bad(practice)
    practice.says("maya", "three", take_in=False)

    pk = practice.account.pk
    counted = ledger([practice.account], ZoneInfo("Europe/Lisbon"))
    total = counted.total
    assert total.delivered == total.read + total.waiting + total.unreadable + total.discarded == 5
    assert (total.read, total.waiting, total.unreadable) == (2, 1, 2)
    assert sum(line.delivered for line in counted.days) == 5
    assert [line.unreadable for line in counted.days[:2]] == [1, 1]

    link = f"?account={pk}&amp;day={counted.days[1].day}"
    assert link in page_of(ines, f"settings/accounts/{pk}/ledger/")
    listed = page_of(ines, f"settings/accounts/unreadable/{link.replace('&amp;', '&')}")
    assert f"unreadable/{yesterday.pk}/" in listed
    assert listed.count("Look into it") == 1
    assert "settings/accounts/unreadable" not in page_of(vera)  # may look at the counts, not at the words
    client = Client()
    client.force_login(ruth.user)
    assert client.get(f"/b/ternway/settings/accounts/{pk}/ledger/").status_code == 404


def test_the_nightly_recount_finds_what_no_feed_brought_and_says_so(ternway, practice, ines):
    world.play("ternway", "delay_hotel")
    world.advance("ternway", world.World.objects.get().clock + timedelta(hours=1))
    page = api.changes("ternway", 0, 200)
    events = [Envelope(key, raw) for key, raw in page.events]
    intake.append(practice.account, events[:1])
    while arrival.work():
        pass
    Message.objects.update(published_at=timezone.now())

    assert recounting.recount_all() == 1
    row = Recount.objects.get()
    while arrival.work():
        pass
    thread = Message.objects.first().thread.external_id
    posts = api.count("ternway", [thread])[thread]
    assert (row.threads, row.here, row.there, row.found) == (1, 1, posts, posts - 1)
    assert Message.objects.filter(thread__external_id=thread).count() == posts
    assert f"1 discussion: {posts} messages there, 1 here." in " ".join(page_of(ines).split())

    recounting.recount_all()
    assert Recount.objects.latest("pk").differing == []


def test_a_network_that_is_away_at_night_is_told_and_stops_nobody(practice, ines):
    practice.says("maya", "hello")
    Message.objects.update(published_at=timezone.now())
    world.World.objects.all().delete()
    recounting.recount_all()
    assert "no account" in Recount.objects.get().problem
    assert "no account" in page_of(ines)
