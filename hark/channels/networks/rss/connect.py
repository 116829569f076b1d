"""Connecting a feed: its address or that of its page, who signs for the brand there, and the hub that pushes it."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels import http
from hark.channels.abilities import Finding, Setup
from hark.channels.base import Connection, Failure, NeedsReconnect, Unreadable
from hark.web import outbound

from . import collecting, parsing

CLOCKS = timedelta(
    minutes=5
)  # by which a site's may be behind ours; what was there already is marked besides
TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
LINK = re.compile(r'<([^<>]+)>\s*;[^,]*?\brel="?(hub|self)\b', re.IGNORECASE)


class ConnectForm(forms.Form):
    """`authorization` is the whole header for feeds behind a sign-in; it is told to the feed's own host alone."""

    setup = Setup(
        needs=(gettext_lazy("The address of a blog, a news page or a forum, or of its feed (RSS, Atom, JSON Feed)."),),
        steps=(
            gettext_lazy("Enter the address. What stands there already is taken as seen: only what is new opens a case."),
            gettext_lazy("For the comments of your own blog, name who signs there for the brand: those are your own words."),
            gettext_lazy("Answers are written on the page itself; each message has a link to its place."),
        ),
    )  # fmt: skip

    account: Any = None  # set by the page when one is connected anew: a feed that moved keeps its history

    feed = forms.CharField(
        label=gettext_lazy("Address"), max_length=1000, widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=gettext_lazy("Of the feed, or of the page that names it."),
    )  # fmt: skip
    own_names = forms.CharField(
        label=gettext_lazy("Who signs for the brand"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One a line, as it stands in the feed. What they write is the brand’s own answer."),
    )  # fmt: skip
    own_sites = forms.CharField(
        label=gettext_lazy("Sites to leave out"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "One a line, for example news.example.com: press releases told again by others open no case. Leave it empty for "
            "the comments of your own blog."
        ),
    )  # fmt: skip
    authorization = forms.CharField(
        label=gettext_lazy("Authorization header"), required=False, max_length=1000,
        widget=forms.PasswordInput(render_value=False),
        help_text=gettext_lazy("Only for feeds behind a sign-in: “Bearer …” or “Basic …”."),
    )  # fmt: skip

    def clean_feed(self) -> str:
        given = str(self.cleaned_data["feed"]).strip()
        try:
            return outbound.check_url(given if "://" in given else f"https://{given}")
        except outbound.AddressRefused as problem:
            raise ValidationError(str(problem)) from None

    def clean_own_names(self) -> list[str]:
        return _lines(self.cleaned_data["own_names"])

    def clean_own_sites(self) -> list[str]:
        return [
            line.partition("://")[2] or line
            for line in _lines(self.cleaned_data["own_sites"].lower().replace("www.", ""))
        ]

    def clean_authorization(self) -> str:
        given = str(self.cleaned_data["authorization"]).strip()
        if given and not (given.isascii() and given.isprintable()):
            raise ValidationError(_("A header holds plain characters only."))
        return given

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        secret = {"authorization": told["authorization"]} if told["authorization"] else {}
        try:
            url, answer, feed = find(_probe(told["feed"], secret))
        except (Failure, Unreadable) as problem:
            raise ValidationError({"feed": str(problem)}) from None
        links = {**feed.links, **_named(answer, url)}
        before = self.account
        since = before.settings.get("since") if before else ""
        return {
            "external_id": before.external_id if before else url if len(url) <= 200 else parsing.digest(url),
            "handle": (urlsplit(url).hostname or url)[:200],
            "name": feed.title[:120],
            "settings": {
                "feed": url,
                "hub": links.get("hub") or "",
                "topic": links.get("self") or url,
                "own_names": told["own_names"],
                "own_sites": told["own_sites"],
                "since": since or (timezone.now() - CLOCKS).isoformat(),
            },
            "credentials": {"hook_secret": secrets.token_urlsafe(32), **secret},
        }  # fmt: skip


def find(connection: Connection) -> tuple[str, http.Answer, parsing.Feed]:
    """The feed at an address, or the first one that the page there names. Raises a Failure or Unreadable that says what to do."""
    answer, url = collecting.fetch(connection, {})
    assert answer is not None, "nothing was asked that could be unchanged"
    kind = answer.headers.get("content-type", "")
    try:
        return url, answer, parsing.parse(answer.raw, url, kind)
    except Unreadable:
        if b"<html" not in answer.raw[:5000].lower():
            raise Unreadable(_("There is no feed at this address.")) from None
    page = _Page()
    page.feed(answer.raw[:1_000_000].decode("utf-8", "replace"))
    if not page.found:
        raise Unreadable(_("This page names no feed. Look for “RSS” on it, and enter that address."))
    there = _probe(urljoin(url, page.found[0]), connection.credentials)
    again, url = collecting.fetch(there, {})
    assert again is not None, "nothing was asked that could be unchanged"
    return url, again, parsing.parse(again.raw, url, again.headers.get("content-type", ""))


class _Page(HTMLParser):
    """The feeds that a page names: <link rel="alternate">."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        is_feed = (
            named.get("type", "").lower() in TYPES and "alternate" in named.get("rel", "").lower().split()
        )
        if tag == "link" and is_feed and named.get("href"):
            self.found.append(named["href"])


def test(connection: Connection) -> list[Finding]:
    """Whether it can be read now, how much is in it, and whether its hub was found."""
    try:
        _url, _answer, feed = find(connection)
    except NeedsReconnect as problem:
        return [Finding(False, str(problem))]
    except (Failure, Unreadable) as problem:
        return [Finding(None, str(problem))]
    read = Finding(
        True,
        _("The feed can be read: “%(title)s”, %(count)d entries.")
        % {"title": feed.title, "count": len(feed.entries)},
    )
    if connection.settings.get("hub"):
        return [
            read,
            Finding(True, _("It has a hub that tells us at once; it is asked now and then as well.")),
        ]
    return [
        read,
        Finding(None, _("It has no hub: it is asked every five minutes, and less often while it is quiet.")),
    ]


def _named(answer: http.Answer, url: str) -> dict[str, str]:
    """Hub and self out of the Link headers, which win over the feed's own."""
    said = answer.headers.get("link", "")
    return {rel.lower(): urljoin(url, link) for link, rel in reversed(LINK.findall(said))}


def _probe(url: str, secret: Any) -> Connection:
    from .adapter import Rss

    return Connection(0, url, "", secret, {"feed": url}, Rss.can)


def _lines(given: str) -> list[str]:
    return [line.strip().rstrip("/")[:200] for line in given.splitlines() if line.strip()]
