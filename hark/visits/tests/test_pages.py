"""The pages of the public side: who may show the window, the contact form without script, the size of the loader."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from hark.cases.models import Case
from hark.channels.models import Delivery
from hark.customers.models import Profile
from hark.visits import limits

from .conftest import SITE, Visitor, answers, take_in

pytestmark = pytest.mark.django_db
LOADER_LIMIT = 15 * 1024  # bytes, gzip; issue section 4


@pytest.fixture
def chat(webchat):
    return f"/chat/{webchat.hook_key}/"


def policy(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))


def test_the_loader_is_small_and_loads_nothing_but_the_frame():
    source = Path(finders.find("visits/loader.js")).read_bytes()
    assert len(gzip.compress(source)) < LOADER_LIMIT
    assert not re.search(
        rb"\bimport\b|\bfetch\(|XMLHttpRequest|innerHTML|eval|new Function|src=",
        source.replace(b"<script async src=", b""),
    )


def test_only_the_sites_of_the_account_may_frame_the_window(chat, webchat):
    answer = Client().get(f"{chat}frame")
    assert policy(answer)["frame-ancestors"] == SITE
    assert "X-Frame-Options" not in answer
    assert "unsafe" not in answer["Content-Security-Policy"]

    webchat.settings["origins"] = []
    webchat.save()
    assert policy(Client().get(f"{chat}frame"))["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("name", ["", "contact"])
def test_the_pages_of_their_own_can_not_be_framed(chat, name):
    answer = Client().get(chat + name)
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", ["", "frame", "contact"])
def test_no_page_has_script_or_style_inline(chat, name):
    html = Client().get(chat + name).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("name", ["", "frame", "contact", "colours.css"])
def test_a_chat_that_is_unknown_or_no_longer_connected_has_no_pages(chat, webchat, name):
    assert Client().get(f"/chat/nope/{name}").status_code == 404
    webchat.disconnected_at = webchat.connected_at
    webchat.save()
    assert Client().get(chat + name).status_code == 404


def test_the_windows_scripts_are_kept_for_ever_under_their_digest(chat):
    html = Client().get(chat).content.decode()
    address = re.search(r'src="(/chat/assets/[0-9a-f]{12}/window\.js)"', html)[1]
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in answer["Cache-Control"]
    old = Client().get(re.sub(r"[0-9a-f]{12}", "0" * 12, address))
    assert old["Cache-Control"] == "no-store"
    assert Client().get(address.replace("window.js", "models.py")).status_code == 404


@pytest.mark.parametrize(
    "bad", ["red", "#12", "</style><script>", "#14635d; } body { background: url(x)", None, 7]
)
def test_a_colour_that_is_none_falls_back(chat, webchat, bad):
    webchat.settings["colour"] = bad
    webchat.save()
    assert Client().get(f"{chat}colours.css").content == b":root { --chat: #14635d; --on-chat: #ffffff; }\n"


def test_words_on_the_brands_colour_can_be_read(chat, webchat):
    webchat.settings["colour"] = "#ffd400"
    webchat.save()
    assert b"--chat: #ffd400; --on-chat: #10201f" in Client().get(f"{chat}colours.css").content


def test_a_brand_name_and_a_greeting_stay_text(chat, webchat):
    webchat.name, webchat.settings["greeting"] = "<b>Ternway</b>", "</script><script>alert(1)</script>"
    webchat.save()
    html = Client().get(chat).content.decode()
    assert "<b>Ternway" not in html
    assert "<script>alert" not in html


# The contact form ------------------------------------------------------------------------------------


def fill(browser, chat, **told):
    html = browser.get(f"{chat}contact").content.decode()
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
    return {"name": "Maya Lind", "email": "maya@mail.example", "message": "My bag is gone", **hidden, **told}


def test_the_form_arrives_as_a_private_message_and_says_where_the_answer_comes(chat, webchat, tomas):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(f"{chat}contact", fill(browser, chat))
    take_in()

    assert answer.status_code == 200
    case = Case.objects.get()
    [message] = case.messages.all()
    assert (message.text, message.private) == ("My bag is gone", True)
    profile = Profile.objects.get()
    assert (profile.name, profile.handle, profile.verified) == ("Maya Lind", "maya@mail.example", False)

    link = re.search(r'href="(/chat/[^"#]+)#visit=([^"]+)"', answer.content.decode())
    follower = Visitor(webchat)
    follower.token = link[2]
    answers(case, tomas, "We found it")
    assert follower.sees() == [("in", "My bag is gone"), ("out", "We found it")]


def test_a_form_that_is_sent_twice_is_one_message(chat):
    browser = Client()
    told = fill(browser, chat)
    browser.post(f"{chat}contact", told)
    browser.post(f"{chat}contact", told)
    take_in()
    assert Case.objects.get().messages.count() == 1


def test_two_forms_of_one_address_do_not_see_each_other(chat):
    """Whoever types an e-mail address has not proven that it is theirs."""
    for _ in range(2):
        browser = Client()
        browser.post(f"{chat}contact", fill(browser, chat))
    take_in()
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"email": "maya"},
        {"message": " "},
        {"message": "x" * 10_001},
        {"key": "x"},
        {"website": "spam"},
    ],
)
def test_a_bad_form_keeps_the_words(chat, bad):
    browser = Client()
    answer = browser.post(f"{chat}contact", fill(browser, chat, **bad))
    assert answer.status_code == 422
    assert "Maya Lind" in answer.content.decode() or "name" in bad
    assert Delivery.objects.count() == 0


def test_too_many_forms_of_one_address_keep_the_words(chat, still):
    browser = Client()
    for _ in range(limits.FORMS_OF_ADDRESS.most):
        browser.post(f"{chat}contact", fill(browser, chat))
    answer = browser.post(f"{chat}contact", fill(browser, chat, message="The last one"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "The last one" in answer.content.decode()
    assert Delivery.objects.count() == limits.FORMS_OF_ADDRESS.most


def test_the_form_needs_its_own_page(chat):
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(f"{chat}contact", {"name": "x"}).status_code == 403
