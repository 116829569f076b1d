"""The chat on a brand's site, in a real browser: another origin, and a policy that allows ours and nothing inline."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from hark.cases.models import Case, Message
from hark.channels import signatures
from hark.customers.models import Profile
from hark.visits.models import Visit
from tests.axe import violations

from .browsing import chat_on_site, frame_of
from .conftest import SECRET, answers

expect.set_options(timeout=20_000)  # milliseconds; the machine may be busy with other tests
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(webchat):
    with chat_on_site(webchat) as place:
        yield place


@pytest.fixture
def visit(place, page):
    """Opens the site; an error in a script, or a breach of a policy, fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.goto(place.site)
    yield page
    assert problems == []


def write(page, text: str) -> None:
    box = frame_of(page).get_by_label("Your message")
    box.fill(text)
    box.press("Enter")


def launcher(page):
    return page.get_by_role("button", name=re.compile("Chat with Ternway"))


def bubbles(page):
    return frame_of(page).locator(".chat__lines .bubble__text")


def eventually(page, condition):
    for _ in range(300):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within thirty seconds")


def test_nothing_of_ours_but_the_launcher_loads_before_it_is_opened(place, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(place.site)
    expect(launcher(page)).to_be_visible()
    assert [url for url in asked if url.startswith(place.hark)] == [f"{place.hark}/static/visits/loader.js"]
    assert Visit.objects.count() == 0


def test_a_line_and_its_answer_live_and_again_after_a_reload(visit, tomas):
    page = visit
    launcher(page).click()
    write(page, "Where is my bag?")
    expect(bubbles(page)).to_have_text(["Where is my bag?"])
    expect(frame_of(page).locator(".chat__state")).to_have_text([re.compile("Sent|^$")])
    eventually(page, Case.objects.exists)

    answers(Case.objects.get(), tomas, "In Lisbon. More: https://www.ternway.example/bags.")
    expect(bubbles(page)).to_have_text(
        ["Where is my bag?", "In Lisbon. More: https://www.ternway.example/bags."]
    )
    link = frame_of(page).get_by_role("link", name="https://www.ternway.example/bags")
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    expect(frame_of(page).locator(".chat__name").last).to_have_text("Tomas, Ternway")

    page.reload()
    launcher(page).click()
    expect(bubbles(page)).to_have_count(2)
    assert Message.objects.count() == 2
    assert Message.objects.get(outbound=False).facts["page"].startswith("http://127.0.0.1")


def test_an_answer_to_a_closed_window_shows_on_the_launcher(visit, tomas):
    page = visit
    launcher(page).click()
    write(page, "Where is my bag?")
    eventually(page, Case.objects.exists)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher(page)).to_be_focused()

    answers(Case.objects.get(), tomas, "In Lisbon")
    expect(page.locator("hark-chat .badge")).to_have_text("1")
    page.reload()
    expect(page.locator("hark-chat .badge")).to_have_text("1")
    launcher(page).click()
    expect(page.locator("hark-chat .badge")).to_be_hidden()
    page.reload()
    expect(frame_of(page).locator(".bubble--mine")).to_have_count(1)
    expect(page.locator("hark-chat .badge")).to_be_hidden()


def test_what_is_written_offline_goes_out_once_when_the_network_is_back(visit, context):
    page = visit
    launcher(page).click()
    write(page, "Before the tunnel")
    eventually(page, lambda: Message.objects.count() == 1)

    context.set_offline(True)
    write(page, "In the tunnel")
    expect(frame_of(page).locator("[data-state=waiting]")).to_have_count(1)
    expect(frame_of(page).get_by_role("status")).to_contain_text("kept and sent later")
    context.set_offline(False)
    eventually(page, lambda: Message.objects.count() == 2)
    expect(frame_of(page).locator("[data-state=waiting]")).to_have_count(0)
    expect(bubbles(page)).to_have_text(["Before the tunnel", "In the tunnel"])


def test_a_lost_answer_makes_no_second_message(visit):
    page = visit
    lost: list[str] = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())  # it arrived there; the answer does not arrive here
        route.abort()

    page.route("**/chat/v1/messages", lose)
    launcher(page).click()
    write(page, "Once")
    eventually(page, lambda: lost and Message.objects.exists())
    page.wait_for_timeout(2500)
    assert Message.objects.count() == 1
    expect(bubbles(page)).to_have_text(["Once"])


def test_a_session_that_ended_begins_anew_with_the_same_words(visit):
    page = visit
    launcher(page).click()
    write(page, "First")
    eventually(page, Message.objects.exists)
    Visit.objects.all().delete()
    write(page, "Second")
    eventually(page, lambda: Message.objects.count() == 2)
    assert Profile.objects.count() == 2  # nothing ties the new session to the old one


def test_a_second_tab_hears_the_news_over_one_stream(visit, place, context, tomas):
    page = visit
    launcher(page).click()
    write(page, "Hello")
    eventually(page, Case.objects.exists)
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if "/live?" in request.url else None)
    other = context.new_page()
    other.goto(place.site)
    launcher(other).click()
    expect(bubbles(other)).to_have_text(["Hello"])

    answers(Case.objects.get(), tomas, "Hello, both of you")
    for tab in (page, other):
        expect(bubbles(tab)).to_have_text(["Hello", "Hello, both of you"])
    assert streams == []  # the first tab's is enough


def test_a_customer_who_is_signed_in_is_known_and_gone_after_signing_out(visit):
    page = visit
    proof = {"identifier_hash": signatures.identifier_hash(SECRET, "user-42"), "name": "Maya Lind"}
    page.evaluate("proof => hark.setUser('user-42', proof)", proof)
    page.evaluate("hark.open()")
    write(page, "It is me")
    eventually(page, Profile.objects.exists)
    profile = Profile.objects.get()
    assert (profile.external_id, profile.verified, profile.name) == ("user:user-42", True, "Maya Lind")

    page.evaluate("hark.reset()")
    expect(bubbles(page)).to_have_count(0)
    eventually(page, lambda: not Visit.objects.alive().exists())
    page.reload()
    launcher(page).click()
    expect(bubbles(page)).to_have_count(0)


def test_a_forged_identity_starts_fresh_and_says_so(visit):
    page = visit
    page.evaluate("window.refused = []; hark.on('identity-refused', detail => refused.push(detail))")
    page.evaluate("hark.setUser('user-42', {identifier_hash: 'forged', name: 'Mallory'})")
    page.evaluate("hark.open()")
    expect(frame_of(page).get_by_role("status")).to_contain_text("could not confirm")
    write(page, "Hello")
    eventually(page, Profile.objects.exists)
    assert not Profile.objects.get().verified
    assert page.evaluate("refused.length") == 1


def test_calls_made_before_the_script_came_are_kept(webchat, page):
    html = (
        "<!doctype html><title>Ternway</title><body><script>window.hark = {q: [['on', 'open', () => window.opened = 1],"
        "['open']]}</script>{snippet}</body>"
    )
    with chat_on_site(webchat, html, strict=False) as place:
        page.goto(place.site)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.evaluate("window.opened") == 1
        page.evaluate("hark.toggle()")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_site_that_is_not_on_the_list_gets_no_window(place, page, webchat):
    webchat.settings["origins"] = ["https://www.ternway.example"]
    webchat.save()
    page.goto(place.site)
    with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
        launcher(page).click()
    assert frame_of(page).locator("#chat-text").count() == 0


XSS = [
    "<script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "<svg onload=document.title='run'>",
    '"><iframe srcdoc="<script>parent.document.title=\'run\'</script>">',
    "javascript:document.title='run'",
    "https://x.example/\" onmouseover=\"document.title='run'",
    "https://x.example/'><script>document.title='run'</script>",
    "{{constructor.constructor('document.title=`run`')()}}",
    "<style>*{display:none}</style>",
    "<a href=\"javascript:document.title='run'\">https://x.example</a>",
    "</textarea></template><script>document.title='run'</script>",
    "\u202e<b>bold</b>",
]


def test_markup_stays_text_on_both_sides(visit, tomas):
    page = visit
    launcher(page).click()
    for payload in XSS[:6]:
        write(page, payload)
    eventually(page, lambda: Message.objects.count() == 6)
    for payload in XSS:
        answers(Case.objects.get(), tomas, payload)
    expect(bubbles(page)).to_have_count(6 + len(XSS), timeout=15000)

    shown = bubbles(page).all_text_contents()
    assert sorted(shown) == sorted(XSS[:6] + XSS)
    chat = next(frame for frame in page.frames if "/frame" in frame.url)
    assert "run" not in (page.title(), chat.title())
    kinds = chat.evaluate(
        "[...new Set([...document.querySelectorAll('#chat-lines *')].map(e => e.localName))].sort()"
    )
    assert kinds == ["a", "button", "div", "li", "p", "span", "time"]
    assert all(
        url.startswith("https://x.example")
        for url in chat.evaluate("[...document.querySelectorAll('#chat-lines a')].map(a => a.href)")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(place, page, tomas, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(place.site)
    assert violations(page) == []
    launcher(page).click()
    write(page, "Where is my bag?")
    eventually(page, Case.objects.exists)
    answers(Case.objects.get(), tomas, "In Lisbon: https://www.ternway.example/bags")
    expect(bubbles(page)).to_have_count(2)
    assert violations(page) == []  # axe looks into the frame too

    for name in ("", "contact"):
        page.goto(f"{place.hark}/chat/{place.account.hook_key}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(page, "best-practice") == []


def test_everything_by_keyboard(visit):
    page = visit
    page.keyboard.press("Tab")  # the site's own link
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(frame_of(page).get_by_label("Your message")).to_be_focused()
    page.keyboard.type("Where is my bag?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("The green one")
    page.keyboard.press("Enter")
    expect(bubbles(page)).to_have_text(["Where is my bag?\nThe green one"])
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    assert launcher(page).get_attribute("aria-expanded") == "false"


def test_on_a_phone_it_covers_the_page(visit):
    page = visit
    page.set_viewport_size({"width": 390, "height": 780})
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    launcher(page).click()
    box = page.locator("hark-chat iframe").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    assert page.get_by_role("dialog").get_attribute("aria-modal") == "true"
    frame_of(page).get_by_role("button", name="Close the chat").click()
    expect(launcher(page)).to_be_focused()


def test_right_to_left(place, page):
    page.goto(place.site)
    page.evaluate("document.documentElement.dir = 'rtl'")
    box = launcher(page).bounding_box()
    assert box["x"] < 100  # the inline end is on the left
