"""A day in the console without touching the mouse, live, on a phone, and for whoever listens to it: in a real browser."""

import os
import re
import time

import pytest
from django.test import Client
from playwright.sync_api import expect

from hark.brands.models import Brand
from hark.cases import actions
from hark.cases.models import Case, Message
from hark.cases.tests.pages import BACKEND
from hark.replies.actions import draft_of
from hark.replies.models import Reply
from tests.axe import violations
from tests.serving import hark

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright’s loop runs in the thread of the test
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)


@pytest.fixture
def address(transactional_db):
    with hark() as running:
        yield running


class Desk:
    """A member's browser on a running Hark. A broken script or a breach of the content policy fails the test."""

    def __init__(self, browser, address, member, **options):
        client = Client()
        self.live: list[str] = []
        client.force_login(member.user, backend=BACKEND)
        self.context = browser.new_context(**options)
        cookie = client.cookies["hark_session"].value
        self.context.add_cookies([{"name": "hark_session", "value": cookie, "url": address}])
        self.page = self.context.new_page()
        self.base = f"{address}/b/{member.brand.slug}/"
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda line: self.problems.append(line.text) if "Content Security" in line.text else None,
        )

    def open(self, path):
        self.page.goto(self.base + path)
        return self.page

    def close(self):
        self.context.close()
        assert self.problems == []


@pytest.fixture
def desk(browser, address):
    desks = []

    def sit_down(member, **options):
        desks.append(Desk(browser, address, member, **options))
        return desks[-1]

    yield sit_down
    for one in desks:
        one.close()


def case_of(name):
    """The case of a customer, as soon as the worker of the running Hark, or the test itself, has taken it in."""
    deadline = time.monotonic() + 10
    while not (case := Case.objects.filter(person__name=name, message_count__gt=0).first()):
        assert time.monotonic() < deadline, f"{name} never arrived"
        time.sleep(0.05)
    return case


def settled(messages):
    """Wait until so many messages stand in their cases."""
    deadline = time.monotonic() + 10
    while Message.objects.exclude(case=None).count() < messages:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_case_is_answered_moved_and_noted_by_keys_alone(practice, tomas, desk):
    practice.says("maya", "My pushchair came off the belt broken")
    practice.says("ruud", "Nobody answers the phone")
    settled(2)
    page = desk(tomas).open("queue/")
    keys = page.keyboard

    keys.press("j")
    keys.press("j")
    expect(page.locator(".queue-row:focus .queue-row__name")).to_have_text("Ruud")
    keys.press("k")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maya")
    page.wait_for_load_state()  # keys are heard once the scripts have run

    keys.press("r")
    expect(page.locator("#reply-text")).to_be_focused()
    keys.type("I’m on it, Maya.")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    keys.press("Control+Enter")
    expect(page.locator(".outgoing .post__text")).to_have_text("I’m on it, Maya.")
    expect(page.locator("#reply-text")).to_have_value("")

    keys.press("Escape")
    keys.press("n")
    expect(page.get_by_role("dialog")).to_contain_text("Note for the team")
    keys.type("@ines can you call the desk?")
    page.get_by_role("button", name="Save note").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".note")).to_contain_text("@ines can you call the desk?")

    keys.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    keys.press("Escape")
    keys.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Who answers this customer?")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    keys.press("m")
    expect(page.get_by_role("dialog")).to_contain_text("Move to private")
    page.get_by_label("Personal details are needed").press("Space")
    page.get_by_role("button", name="Reply in public and invite").press("Enter")
    expect(page.locator(".event")).to_contain_text("Tomas invited them to private")
    assert Reply.objects.filter(private=False).count() == 2


def test_p_switches_the_composer_and_both_drafts_stay(practice, tomas, desk):
    practice.says("maya", "Broken")
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm")
    settled(2)
    case = case_of("Maya")
    page = desk(tomas).open(f"cases/{case.pk}/?to=public")
    page.keyboard.press("r")
    page.keyboard.type("For everybody")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator(".composer--private")).to_be_visible()
    page.keyboard.type("For you alone")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator(".composer--public #reply-text")).to_have_value("For everybody")
    assert draft_of(case, tomas, True) == "For you alone"


def test_a_colleague_who_leaves_is_no_longer_shown(practice, tomas, ines, desk):
    practice.says("maya", "Broken")
    path = f"cases/{case_of('Maya').pk}/"
    his, hers = desk(tomas), desk(ines)
    his.open(path)
    hers.open(path)
    expect(his.page.locator("#case-here")).to_contain_text("Ines is reading")
    hers.open("queue/")
    expect(his.page.locator("#case-here")).not_to_contain_text("Ines")


def test_new_words_and_colleagues_arrive_while_one_writes(practice, tomas, ines, desk):
    first = practice.says("maya", "Broken")
    case = case_of("Maya")
    page = desk(tomas).open(f"cases/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Half a sen")

    practice.says("maya", "Are you there?", thread=first["id"])
    expect(page.locator(".post__text", has_text="Are you there?")).to_be_visible()
    actions.look(case, ines, writing=True)
    expect(page.locator("#case-here")).to_contain_text("Ines is writing")
    practice.says("ruud", "A new case")
    expect(page.locator(".queue-row__name", has_text="Ruud")).to_be_visible()

    expect(page.locator("#reply-text")).to_have_value("Half a sen")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("tence")
    expect(page.locator("#reply-text")).to_have_value("Half a sentence")


def test_a_reply_is_taken_back_within_its_window(practice, tomas, desk):
    Brand.objects.update(undo_seconds=60)
    practice.says("maya", "Broken")
    settled(1)
    page = desk(tomas).open("queue/")
    page.locator(".queue-row").click()
    page.locator("#reply-text").fill("Too soon")
    page.get_by_role("button", name="Reply in public").click()
    page.get_by_role("button", name=re.compile("Take it back")).click()
    expect(page.locator("#reply-text")).to_have_value("Too soon")
    expect(page.locator(".outgoing")).to_contain_text("took a reply back before it left")


def test_the_second_answer_is_stopped_and_shown_the_first(practice, tomas, ines, desk):
    Brand.objects.update(undo_seconds=60)
    practice.says("maya", "Broken")
    path = f"cases/{case_of('Maya').pk}/"
    hers, his = desk(ines).open(path), desk(tomas).open(path)
    his.locator("#reply-text").fill("Let me look")
    hers.locator("#reply-text").fill("New wheels wait at the desk")
    hers.get_by_role("button", name="Reply in public").click()
    expect(his.locator(".outgoing")).to_contain_text("New wheels wait at the desk")

    his.get_by_role("button", name="Reply in public").click()
    expect(his.locator(".composer [role=alert]")).to_contain_text("Ines is answering right now.")
    expect(his.locator("#reply-text")).to_have_value("Let me look")
    his.get_by_role("button", name="Reply in public anyway").click()
    expect(his.locator(".outgoing")).to_have_count(2)


def test_chosen_cases_stay_chosen_while_the_queue_moves(practice, tomas, desk):
    practice.says("maya", "One")
    practice.says("ruud", "Two")
    settled(2)
    page = desk(tomas).open("queue/")
    page.get_by_label("Choose the case of Ruud").check()
    practice.says("hanne", "Three")
    expect(page.locator(".queue-row")).to_have_count(3)
    expect(page.get_by_label("Choose the case of Ruud")).to_be_checked()

    page.locator(".chosen").get_by_role("button", name="Assign").click()
    page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    expect(page.get_by_role("dialog")).to_contain_text("done")
    assert Case.objects.get(person__name="Ruud").assignee == tomas


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_every_page(practice, tomas, ines, desk, scheme, width):
    first = practice.says("maya", "My pushchair https://pics.example/1", rating=2)
    practice.says("piet", "Mine too", thread=first["id"], parent=first["id"])
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm")
    settled(3)
    case = case_of("Maya")
    actions.add_tag(case, "baggage", by=tomas)
    actions.write_note(case, "@tomas look", by=ines)
    sitting = desk(
        tomas, color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    paths = ["queue/", "queue/?view=closed", f"cases/{case.pk}/?to=public", f"cases/{case.pk}/?to=private",
             f"cases/{case.pk}/history/", f"cases/{case.pk}/move/", f"cases/{case.pk}/snooze/", "search/?q=pushchair",
             "search/", "people/", f"people/{case.person_id}/"]  # fmt: skip
    for path in paths:
        page = sitting.open(path)
        assert violations(page) == [], path
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path
    running = desk(
        ines, color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    for path in ("settings/accounts/", "settings/accounts/ledger/"):
        assert violations(running.open(path)) == [], path


def test_reading_and_replying_need_no_script(practice, tomas, desk):
    practice.says("maya", "Broken")
    settled(1)
    page = desk(tomas, java_script_enabled=False).open("queue/")
    page.locator(".queue-row").click()
    page.locator("#reply-text").fill("On it, Maya")
    page.get_by_role("button", name="Reply in public").click()
    expect(page.locator(".outgoing .post__text")).to_have_text("On it, Maya")
    page.get_by_role("link", name=re.compile("Snooze")).click()
    page.get_by_role("button", name="Snooze").click()
    expect(page.locator(".case__asleep")).to_contain_text("Put to sleep by Tomas")
