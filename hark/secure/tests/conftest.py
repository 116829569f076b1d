"""Tomas offers Maya a page; Maya opens it in a browser that knows nothing of Hark."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from hark.cases.models import Case
from hark.cases.tests.pages import words_of
from hark.journeys import arrival, reply, secure_page
from hark.journeys.addressing import address
from hark.journeys.secure_page import Wanted
from hark.replies.models import Reply
from hark.secure.models import SecurePage


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(db, settings, tmp_path):
    cache.clear()
    settings.HARK_MEDIA = tmp_path


@pytest.fixture
def case(practice):
    practice.says("maya", "@ternway my pushchair came back in two pieces", name="Maya Lind")
    practice.says("maya", "here I am", private=True, thread="dm-maya", name="Maya Lind")
    return Case.objects.get()


def offered(case: Case, by: Any, **more: Any) -> str:
    """The link of a page offered in private; `more`: what the agent wants."""
    case.refresh_from_db()
    secure_page.offer(
        case,
        by=by,
        reason="details",
        text="Maya, here is a page only for you:",
        private=more.pop("private", True),
        wanted=Wanted(**more),
        seen_version=case.version,
        confirmed=True,
    )
    sent = Reply.objects.filter(case=case).latest("pk")
    return re.search(r"/s/([\w-]+)$", sent.text)[1]


@pytest.fixture
def link(case, tomas):
    return offered(case, tomas)


@pytest.fixture
def made(link):
    return SecurePage.objects.get()


class Phone:
    """A customer's browser, script off."""

    def __init__(self, link: str) -> None:
        self.link = link
        self.secret = "none"
        self.http = Client(enforce_csrf_checks=True, raise_request_exception=True)

    def gets(self, path: str = "", **query: Any) -> Any:
        return self.http.get(f"/s/{self.link}{path}", query)

    def reads(self, path: str = "") -> str:
        return words_of(self.gets(path))

    def posts(self, path: str, **values: Any) -> Any:
        """From the form on the page, with what stands hidden in it."""
        html = self.gets().content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
        key = re.search(r'name="key" value="([^"]+)"', html)
        self.secret = found[1] if found else self.secret
        hidden = {"csrfmiddlewaretoken": self.secret}
        if path == "/say":
            hidden["key"] = key[1] if key else str(uuid.uuid4())
        return self.http.post(f"/s/{self.link}{path}", hidden | values)

    def opens(self, **told: Any) -> Any:
        return self.posts("/open", **told)


@pytest.fixture
def maya(link):
    phone = Phone(link)
    assert phone.opens().status_code == 302
    return phone


def take_in() -> None:
    while arrival.work():
        pass


def answers(case: Case, by: Any, text: str) -> None:
    """The agent answers in private, and it goes out."""
    case.refresh_from_db()
    case.brand.undo_seconds = 0
    case.brand.save()
    reply.queue(case, by=by, private=True, text=text, seen_version=case.version, confirmed=True)
    while reply.deliver():
        pass


@pytest.fixture
def sent_mail(monkeypatch):
    """Reads the codes that were mailed: (to, code) each."""
    mails: list[dict[str, str]] = []
    monkeypatch.setattr("hark.secure.actions.send_later", lambda **mail: mails.append(mail))
    return lambda: [(mail["to"], re.search(r"\b(\d{6})\b", mail["body"])[1]) for mail in mails]


@pytest.fixture
def page_of():
    """The channel to which a private answer would go."""
    return lambda case: address(case, private=True).account.channel
