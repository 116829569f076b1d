"""What the scripts promise, in a real browser. Bodies are written by the tests; scripts and styles are the real ones."""

import json
import re

import pytest
from playwright.sync_api import expect

from hark.web import assets
from tests.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COMPOSER = (
    '<care-composer draft="/draft" unit="{unit}" limit="{limit}"><form class="composer" method="post" action="/send">'
    '<textarea name="text" id="text" aria-label="Reply" class="composer__text">{text}</textarea>'
    '<span data-saved></span><span data-count></span><div class="composer__tools">'
    '<button type="submit" data-send>Send</button></div></form></care-composer>'
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/styleguide/", "/help/"])
def test_everybody_can_use_the_page(browser_of_tomas, live_server, theme, address):
    page = browser_of_tomas
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(live_server.url + address)

    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
@pytest.mark.parametrize("address", ["/styleguide/", "/help/", "/nowhere"])
def test_no_page_is_wider_than_its_window(browser_of_tomas, live_server, address, width):
    page = browser_of_tomas
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + address)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dialogs_open_by_key_close_by_escape_and_pass_axe(browser_of_tomas, live_server):
    page = browser_of_tomas
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + "/help/")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()

    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type("keys")
    page.keyboard.press("Enter")
    expect(page.locator("#keys-dialog")).to_be_visible()


def test_the_theme_changes_at_once_and_stays(browser_of_tomas, live_server):
    page = browser_of_tomas
    page.goto(live_server.url + "/help/")
    page.click(".rail__me")
    with page.expect_response("**/theme/") as answer:
        page.click("#me button[value=dark]")
    assert answer.value.status == 204
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_single_keys_are_silent_while_somebody_types_and_can_be_switched_off(scene, page):
    scene('<input id="q" aria-label="q"><button data-key="r" id="b">Reply</button>')
    page.evaluate("() => { b.onclick = () => { window.pressed = (window.pressed || 0) + 1 } }")
    page.locator("#q").press("r")
    assert page.evaluate("window.pressed") is None
    page.keyboard.press("Escape")  # leaves the field
    page.keyboard.press("r")
    assert page.evaluate("window.pressed") == 1

    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert page.evaluate("window.pressed") == 1


def test_j_and_k_walk_the_rows_and_enter_opens(scene, page):
    scene("".join(f'<a class="queue-row" href="#{n}" id="row{n}">{n}</a>' for n in (1, 2, 3)))
    for key in "jjjjk":
        page.keyboard.press(key)
    expect(page.locator("#row2")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#2")


def test_a_clock_ticks_through_its_shapes(scene, page):
    page.clock.install(time="2026-01-05T10:00:00Z")
    face = (
        '<span class="clock clock--fine"><svg class="icon"><use href="#i-clock"/></svg>'
        '<span class="visually-hidden"></span><span class="clock__text"></span></span>'
    )
    scene(f'<due-clock due="2026-01-05T10:12:00Z" soon="600">{face}</due-clock>')
    clock = page.locator(".clock")
    expect(clock).to_have_class("clock clock--fine")
    page.clock.run_for("04:30")
    expect(clock).to_have_class("clock clock--soon")
    expect(clock).to_contain_text("7 min left")
    page.clock.run_for("10:00")
    expect(clock).to_have_class("clock clock--over")
    expect(clock).to_have_text(re.compile("Late:.*2 min late"))
    assert page.locator(".clock use").get_attribute("href").endswith("icons.svg#i-hold")


def test_a_draft_is_saved_as_it_is_typed_and_said_to_be(scene, page):
    drafts: list[str] = []
    page.route("**/draft", lambda route: (drafts.append(route.request.post_data), route.fulfill(status=204)))
    scene(COMPOSER.format(unit="graphemes", limit=20, text=""))
    page.locator("#text").press_sequentially("Hello Maya")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    assert drafts == ["text=Hello+Maya"]
    expect(page.locator("[data-count]")).to_have_text("10 of 20")


def test_a_draft_that_cannot_be_saved_is_said_and_tried_again(scene, page):
    page.clock.install()
    answers = iter([500, 204])
    page.route("**/draft", lambda route: route.fulfill(status=next(answers)))
    scene(COMPOSER.format(unit="graphemes", limit=20, text=""))
    page.locator("#text").fill("Hello")
    page.clock.run_for(1000)
    expect(page.locator("[data-saved]")).to_contain_text("Your words are here")
    page.clock.run_for(6000)
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    expect(page.locator("#text")).to_have_value("Hello")


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("graphemes", "👩‍👩‍👧 hé"),
        ("utf16", "👩‍👩‍👧 hé"),
        ("bytes", "👩‍👩‍👧 hé"),
        ("chars", "👩‍👩‍👧 hé"),
        ("weighted", "早く https://ternway.example/a/very/long/address/indeed 👩‍👩‍👧"),
        ("segments", "ж" * 71),
        ("segments", "[" * 81),
    ],
    ids=["graphemes", "utf16", "bytes", "chars", "weighted", "segments of 67", "segments of 153"],
)
def test_the_counter_counts_as_the_server_does(scene, page, unit, text):
    from hark.replies.counting import count

    scene(COMPOSER.format(unit=unit, limit=500, text=text))
    expect(page.locator("[data-count]")).to_have_text(f"{count(text, unit)} of 500")


def test_control_enter_sends_and_a_text_too_long_is_told(scene, page):
    page.route("**/send", lambda route: route.fulfill(body="sent", content_type="text/html"))
    page.route("**/draft", lambda route: route.fulfill(status=204))
    scene(COMPOSER.format(unit="graphemes", limit=5, text=""))
    page.locator("#text").fill("Hello Maya")
    expect(page.locator("[data-count]")).to_have_attribute("data-state", "over")
    expect(page.locator("[data-count]")).to_contain_text("5 too long")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/send")


def test_half_written_words_the_caret_and_the_scroll_survive_a_swap(scene, page):
    inner = '<div id="pane" data-keep tabindex="0"><p>{}</p><textarea id="text" aria-label="Note">{}</textarea></div>'
    page.add_init_script("document.addEventListener('htmx:afterSwap', () => { window.swapped = true })")
    page.route(
        "**/part",
        lambda route: route.fulfill(body=inner.format("new<br>" * 200, ""), content_type="text/html"),
    )
    scene(f'<div id="part" hx-get="/part" hx-trigger="again">{inner.format("old<br>" * 200, "")}</div>')
    page.evaluate("() => { pane.style.height = '100px'; pane.style.overflow = 'auto' }")
    page.locator("#text").fill("half a sentence")
    page.evaluate("() => { document.getElementById('text').setSelectionRange(4, 4); pane.scrollTop = 300 }")
    page.evaluate("htmx.trigger('#part', 'again')")
    page.wait_for_function("window.swapped")

    expect(page.locator("#part")).to_contain_text("new")
    expect(page.locator("#text")).to_have_value("half a sentence")
    expect(page.locator("#text")).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == 4


def test_a_form_that_was_not_accepted_is_shown_again_with_its_errors(scene, page):
    page.route(
        "**/part",
        lambda route: route.fulfill(
            status=422, body='<p role="alert">Too short</p>', content_type="text/html"
        ),
    )
    scene('<form hx-post="/part"><input id="name" name="name" aria-label="Name"><button>Save</button></form>')
    page.click("text=Save")
    expect(page.get_by_role("alert")).to_have_text("Too short")


def test_a_dangerous_button_asks_first(scene, page):
    page.route("**/gone", lambda route: route.fulfill(body="gone", content_type="text/html"))
    scene('<form method="post" action="/gone"><button data-confirm="Remove Tomas?">Remove</button></form>')
    page.click("text=Remove")
    expect(page.locator("#confirm")).to_contain_text("Remove Tomas?")
    page.click("#confirm [value=no]")
    expect(page.locator("#confirm")).to_be_hidden()
    assert page.url.endswith("/scene")
    page.click("text=Remove")
    page.click("#confirm [value=yes]")
    page.wait_for_url("**/gone")


def test_a_failure_is_said_and_stays_readable(scene, page):
    page.route("**/part", lambda route: route.fulfill(status=500, body="no"))
    scene('<button hx-post="/part">Save</button>')
    page.click("text=Save")
    expect(page.locator("#toasts .toast--failed")).to_contain_text("Nothing is lost")
    page.click("[data-toast-close]")
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_a_response_can_send_a_toast(scene, page):
    header = {"HX-Trigger": json.dumps({"toast": {"text": "Snoozed until tomorrow"}})}
    page.route(
        "**/part", lambda route: route.fulfill(status=200, headers=header, body="", content_type="text/html")
    )
    scene('<button hx-post="/part" hx-swap="none">Snooze</button>')
    page.click("text=Snooze")
    expect(page.locator("#toasts")).to_contain_text("Snoozed until tomorrow")


LIVE = (
    '<live-status class="banner" hidden role="status"><p></p></live-status>'
    '<div id="queue" hx-get="/part" hx-trigger="sse:queue">old</div>'
)


def test_a_topic_that_changed_is_fetched_and_after_a_reconnect_everything_is(scene, page):
    asked: list[int] = []
    page.route(
        "**/part",
        lambda route: (asked.append(1), route.fulfill(body=f"new {len(asked)}", content_type="text/html")),
    )
    stream = "retry: 300\n\nevent: hello\ndata: 1\n\n"
    page.route(
        re.compile(r"/live\?"), lambda route: route.fulfill(body=stream, content_type="text/event-stream")
    )
    scene(LIVE, 'hx-ext="sse" sse-connect="/live?brand=ternway&topics=queue"')
    expect(page.locator("#queue")).to_contain_text(re.compile(r"new [3-9]"), timeout=8000)


def test_a_lost_connection_is_said_and_the_page_looks_by_itself(scene, page):
    asked: list[int] = []
    page.clock.install()
    page.route(
        "**/part",
        lambda route: (asked.append(1), route.fulfill(body=f"new {len(asked)}", content_type="text/html")),
    )
    page.route(re.compile(r"/live\?"), lambda route: route.abort())
    scene(LIVE, 'hx-ext="sse" sse-connect="/live?brand=ternway&topics=queue"')
    page.wait_for_timeout(200)
    page.clock.run_for(5000)
    expect(page.locator("live-status")).to_contain_text("Trying again")
    page.clock.run_for(26_000)
    expect(page.locator("live-status")).to_contain_text("every 15 seconds")
    expect(page.locator("#queue")).to_have_text("new 1")
    page.clock.run_for(15_500)
    expect(page.locator("#queue")).to_have_text("new 2")


def test_presence_beats_while_the_page_is_seen_and_tells_who_writes(scene, page):
    beats: list[str] = []
    page.route("**/beat", lambda route: (beats.append(route.request.post_data), route.fulfill(status=204)))
    page.route("**/draft", lambda route: route.fulfill(status=204))
    scene('<case-presence beat="/beat"></case-presence>' + COMPOSER.format(unit="chars", limit=99, text=""))
    with page.expect_response("**/beat"):
        page.locator("#text").press_sequentially("Hi")
    assert beats == ["writing=0", "writing=1"]


def test_moments_are_shown_in_the_browsers_zone_when_none_was_chosen(scene, browser, live_server, page):
    context = browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
    tokyo = context.new_page()
    tokyo.goto(f"{live_server.url}/robots.txt")
    text = tokyo.evaluate(
        """async (url) => {
            const { moment } = await import(url)
            return moment(new Date("2026-01-05T20:00:00Z"), new Date("2026-01-06T02:00:00Z"))
        }""",
        live_server.url + assets.address("js/moments.js"),
    )
    context.close()
    assert text == "05:00"
