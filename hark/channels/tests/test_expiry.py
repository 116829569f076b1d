"""Before a permission ends somebody hears of it: a banner with one press, and a mail a step, never a flood."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hark.brands import jobs
from hark.channels import actions, expiry
from hark.channels.models import Account
from tests.networks.consents import onward

pytestmark = pytest.mark.django_db


def mails() -> list[str]:
    """What has been written since the last look."""
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name="hark.brands.jobs.send_mail").order_by("pk"):
        jobs.send_mail(**job.args)
    found = [f"{one.to[0]}: {one.subject}\n{one.body}" for one in mail.outbox]
    seen = mails.__dict__.setdefault("seen", {})
    new = found[seen.get("count", 0) :]
    seen["count"] = len(found)
    return new


@pytest.fixture(autouse=True)
def nothing_seen():
    mails.__dict__.clear()


def connected(brand, name: str, **more) -> Account:
    held = {"client_id": "c", "access": "a", **more}
    return actions.connect(brand, "youtube", {"external_id": name, "handle": f"@{name}", "credentials": held})


def test_a_mail_for_each_step_and_all_accounts_of_a_brand_in_one(ternway, ines, tomas, nordhav, ruth):
    ends = time.time() + 6 * 86_400
    air, rail = connected(ternway, "air", access_ends=ends), connected(ternway, "rail", access_ends=ends)
    lasting = connected(nordhav, "sea", access_ends=ends, refresh="r")
    assert lasting.token_expires_at is None  # renewed by itself

    assert expiry.tell_due() == 1  # Ines runs the accounts, Tomas does not, Ruth's needs nobody
    [told] = mails()
    assert told.startswith("ines@")
    assert "2 accounts need you" in told
    assert told.count("YouTube. @") == 2
    assert f"/b/ternway/settings/accounts/{air.pk}/" in told
    assert expiry.tell_due() == 0

    Account.objects.filter(pk=rail.pk).update(token_expires_at=timezone.now() + timedelta(hours=5))
    assert expiry.tell_due() == 1
    assert ["@rail" in one and "@air" not in one for one in mails()] == [True]
    Account.objects.filter(pk=rail.pk).update(health=Account.Health.RECONNECT)
    assert (expiry.tell_due(), expiry.tell_due()) == (1, 0)
    assert "@rail has stopped" in mails()[0]

    connected(ternway, "rail", access_ends=time.time() + 60 * 86_400)
    assert expiry.tell_due() == 0
    Account.objects.filter(pk=rail.pk).update(token_expires_at=timezone.now())
    assert expiry.tell_due() == 1
    assert "permission of @rail has ended" in mails()[0]


def test_the_banner_renews_in_one_press(ternway, ines, vera):
    account = connected(ternway, "air", access_ends=time.time() + 86_400)
    client = Client()
    client.force_login(ines.user)
    page = client.get("/b/ternway/settings/accounts/")
    renew = f"/b/ternway/settings/accounts/{account.pk}/renew/"
    assert f'action="{renew}"' in page.text
    assert onward(client.post(renew)).startswith("https://accounts.google.com/")
    client.force_login(vera.user)
    assert renew not in client.get("/b/ternway/settings/channels/").text
