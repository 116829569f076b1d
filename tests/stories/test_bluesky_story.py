"""The main job on a real network: a stranger's post becomes a case, is settled in private, and the book is closed.

Maya speaks through the SDK to the network's own servers; Tomas presses what the console offers and never reloads.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.models import Case
from hark.channels import collectors
from hark.channels.models import Account, Delivery
from tests import serving
from tests.bluesky_people import Somebody, until

from .test_practice_browser import said_by_us, sign_in

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test

pytestmark = [
    pytest.mark.browser,
    pytest.mark.peer,
    pytest.mark.timeout(400),
    pytest.mark.django_db(transaction=True),
]

PATIENCE_MS = 20_000


@pytest.fixture
def at_ternway(atproto) -> Somebody:
    """Ternway's own account on the network."""
    return Somebody(atproto, "ternway")


@pytest.fixture
def maya(atproto) -> Somebody:
    found = Somebody(atproto, "maya")
    found.calls_themselves("Maya Lindqvist")
    return found


@contextmanager
def collecting(account: Account) -> Iterator[None]:
    """The account is collected, as by `hark up`."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(collectors.collect(account.pk))

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)


def connect(page: Page, address: str, brand: Somebody) -> Account:
    """Ines connects the account: handle, app password, and the server, since this network is not in the DNS."""
    page.goto(f"{address}/b/ternway/settings/accounts/connect/bluesky/")
    page.get_by_label("Handle").fill(brand.handle)
    page.get_by_label("App password").fill(brand.app_password())
    page.get_by_label("Server (PDS)").fill(brand.network.info["pds"])
    page.locator("main form").get_by_role("button").last.click()
    expect(page.get_by_text(f"{brand.handle} is connected.")).to_be_visible()
    account = Account.objects.get(channel="bluesky")
    Account.objects.filter(pk=account.pk).update(settings={"poll_seconds": 0.3})
    return account


def below(maya: Somebody, post) -> list[str]:
    """What stands below Maya's post, as the AppView shows it to her."""
    thread = maya.sees_thread(post.uri)
    return [reply.post.record.text for reply in thread.replies or ()] if thread else []


def test_from_a_strangers_post_to_the_closed_book(
    page: Page, atproto, at_ternway, maya, ternway, ines, tomas
):
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    Brand.objects.update(undo_seconds=0)
    errors: list[str] = []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.on(
        "response",
        lambda answer: errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    with serving.hark() as address:
        sign_in(page, address, ines)
        account = connect(page, address, at_ternway)
        with collecting(account):
            sign_in(page, address, tomas)
            page.goto(f"{address}/b/ternway/queue/")

            post = maya.says("my pushchair came back with a snapped frame 😢", to=at_ternway)
            page.get_by_text("Maya Lindqvist").first.click()
            expect(page.get_by_text("snapped frame").last).to_be_visible()

            said_by_us(
                page, "Maya, I’m so sorry you landed to that. I’m Tomas, and I stay with you.", private=False
            )
            until(
                lambda: any("I stay with you" in text for text in below(maya, post)),
                "the answer in Maya's thread",
            )

            page.get_by_role("link", name="Move to private").first.click()
            page.get_by_label("Personal details are needed").check()
            page.get_by_role("button", name="Reply in public and invite").click()
            until(lambda: len(below(maya, post)) == 2, "the invitation in Maya's thread")

            maya.writes(at_ternway, "The left leg is off completely. My booking is TW-4471.")
            expect(page.get_by_text("The left leg is off completely").last).to_be_visible()
            page.locator("#to-private").click()
            said_by_us(page, "The desk in hall B has a loan one for you.", private=True)
            until(
                lambda: maya.reads(at_ternway)[1:] == ["The desk in hall B has a loan one for you."],
                "the message",
            )

            page.get_by_role("link", name="Resolve").first.click()
            page.get_by_role("button", name="It is settled").click()
            page.get_by_role("link", name="Close the book").first.click()
            last_word = page.get_by_label("The last word, in public")
            expect(last_word).to_have_value(re.compile("Maya"))
            last_word.locator("xpath=ancestor::form").get_by_role("button").last.click()
            until(lambda: len(below(maya, post)) == 3, "the last word in Maya's thread")

            expect(page.locator(".arc__step time")).to_have_count(4)
            page.close()  # before the server goes, or the page complains about that
        assert errors == []

    case = Case.objects.get()
    assert [step.state for step in arc.steps(case)][:2] == ["done", "private"]
    assert [(message.outbound, message.private) for message in case.messages.order_by("published_at", "id")] == [
        (False, False), (True, False), (True, False), (False, True), (True, True), (True, False),
    ]  # fmt: skip
    assert not Delivery.objects.filter(state=Delivery.State.UNREADABLE).exists()
