"""Feeds as bytes into plain entries: RSS, Atom and RDF by feedparser, JSON Feed 1.1 as it is.

feedparser is only ever given bytes: it would open addresses and files itself. External entities are not loaded, and
expat ends an entity bomb; a document of too many elements is not begun with.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import feedparser

from hark.channels.base import Unreadable
from hark.channels.markup import plain
from hark.channels.shapes import JSON, address, decoded, ident, inner, instant, several, text

MOST_BYTES = 5 * 2**20
MOST_ELEMENTS = 100_000  # some seconds of parsing
MOST_TEXT = 20_000  # characters of an entry; the whole stands on its page
TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|ref_src")
OF_COMMENT = re.compile(r"#(?:li-|div-)?comment", re.IGNORECASE)


@dataclass(frozen=True)
class Feed:
    """A feed and its entries, newest first as most feeds have them. `links` are by rel; `ttl` in seconds, 0 when it says none."""

    title: str
    links: dict[str, str]
    entries: list[JSON]
    ttl: float = 0.0


def parse(body: bytes, url: str = "", content_type: str = "") -> Feed:
    """Raises Unreadable for what is no feed."""
    if len(body) > MOST_BYTES:
        raise Unreadable(f"more than {MOST_BYTES} bytes")
    if body.lstrip()[:1] == b"{":
        return _json_feed(decoded(body), url)
    if b"<" not in body or body.count(b"<") > MOST_ELEMENTS:
        raise Unreadable("no feed" if b"<" not in body else f"more than {MOST_ELEMENTS} elements")
    headers = {"content-type": content_type, "content-location": url}
    try:
        found: Any = feedparser.parse(
            io.BytesIO(body), response_headers={name: value for name, value in headers.items() if value}, sanitize_html=False
        )  # fmt: skip
    except Exception as problem:  # a tolerant parser of anything: whatever it stumbles over is no feed
        raise Unreadable(f"no feed: {type(problem).__name__}") from None
    if not found.get("version"):
        raise Unreadable("no feed")
    return Feed(
        _line(found.feed, "title"),
        _links(found.feed, url),
        [entry for entry in (_entry(one, url) for one in found.entries) if entry],
        _ttl(found.feed.get("ttl")),
    )


def _entry(one: Any, url: str) -> JSON:
    contents = one.get("content") or [one.get("summary_detail") or {}]
    content = max(contents, key=lambda part: part.get("type", "") == "text/html")
    author = one.get("author_detail") or {}
    reply = one.get("thr_in-reply-to") or {}
    link = _web(str(one.get("link") or ""), url)
    return _kept(
        {
            "id": str(one.get("id") or ""),
            "link": link,
            "title": _line(one, "title"),
            "text": _plain(str(content.get("value") or ""), str(content.get("type") or "text/html")),
            "author": str(author.get("name") or one.get("author") or ""),
            "profile": _web(str(author.get("href") or ""), url),
            "published": _moment(one.get("published_parsed")),
            "updated": _moment(dict.get(one, "updated_parsed")),
            "parent": str(reply.get("ref") or ""),
            "root": _web(str(reply.get("href") or ""), url),
            "media": [
                {"url": _web(str(part.get("href") or ""), url), "type": str(part.get("type") or "")}
                for part in one.get("links") or []
                if part.get("rel") == "enclosure"
            ],
        }
    )


def _json_feed(found: Any, url: str) -> Feed:
    """https://www.jsonfeed.org/version/1.1/."""
    if not isinstance(found, dict) or "jsonfeed.org/version" not in str(found.get("version")):
        raise Unreadable("JSON, but no JSON Feed")
    entries = [_json_entry(item) for item in several(found, "items")]
    hubs = [address(hub, "url") for hub in several(found, "hubs") if hub.get("type") == "WebSub"]
    links = {"hub": next(iter(hubs), ""), "self": address(found, "feed_url") or url}
    return Feed(text(found, "title")[:200], links, [entry for entry in entries if entry])


def _json_entry(item: JSON) -> JSON:
    html, words = text(item, "content_html"), text(item, "content_text")
    authors = several(item, "authors") or [inner(item, "author")]
    return _kept(
        {
            "id": ident(item, "id"),
            "link": address(item, "url") or address(item, "external_url"),
            "title": text(item, "title"),
            "text": words or plain(html, {}),
            "author": text(authors[0], "name"),
            "profile": address(authors[0], "url"),
            "published": _iso(text(item, "date_published")),
            "updated": _iso(text(item, "date_modified")),
            "parent": "",
            "root": "",
            "media": [
                {"url": address(part, "url"), "type": text(part, "mime_type")}
                for part in several(item, "attachments")
            ],
        }
    )


def _kept(entry: JSON) -> JSON:
    """An entry that says something and has an identity; {} otherwise. What is empty is left out."""
    entry = {name: value for name, value in entry.items() if value}
    entry["text"] = str(entry.get("text", ""))[:MOST_TEXT]
    for name, most in (("title", 500), ("author", 200), ("link", 2000), ("profile", 2000), ("root", 2000)):
        if name in entry:
            entry[name] = str(entry[name])[:most]
    entry["media"] = [part for part in entry.get("media", []) if part["url"]][:4]
    entry["id"] = identity(entry)
    return entry if entry.get("title") or entry["text"] or entry["media"] else {}


def identity(entry: JSON) -> str:
    """Its own id, else its link without what only tracks, else what it says."""
    given = str(entry.get("id") or "").strip() or canonical(str(entry.get("link") or ""))
    return (
        given
        if given and len(given) <= 300
        else digest(given or f"{entry.get('title')}\n{entry.get('text')}")
    )


def digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def canonical(link: str, *, fragment: bool = True) -> str:
    """An address without tracking parameters and closing slash; with its fragment only where that names a comment."""
    try:
        parts = urlsplit(link)
        query = urlencode([(n, v) for n, v in parse_qsl(parts.query) if not TRACKING.fullmatch(n)])
    except ValueError:
        return ""
    named = parts.fragment if fragment and OF_COMMENT.match(f"#{parts.fragment}") else ""
    return parts._replace(path=parts.path.rstrip("/"), query=query, fragment=named).geturl()


def is_comment(entry: JSON) -> bool:
    return bool(entry.get("parent") or entry.get("root") or OF_COMMENT.search(str(entry.get("link") or "")))


def _plain(said: str, kind: str) -> str:
    return said.strip() if kind == "text/plain" and "<" not in said else plain(said, {})


def _line(found: Any, name: str) -> str:
    """A title in one line; many carry HTML whatever they say they are."""
    return " ".join(_plain(str(found.get(name) or ""), "text/html").split())


def _links(feed: Any, url: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in feed.get("links") or []:
        found.setdefault(str(link.get("rel")), _web(str(link.get("href") or ""), url))
    return found


def _web(link: str, base: str) -> str:
    try:
        whole = urljoin(base, link) if link else ""
        return whole if urlsplit(whole).netloc and whole.startswith(("https://", "http://")) else ""
    except ValueError:
        return ""


def _moment(parsed: Any) -> str:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat() if parsed else ""
    except (ValueError, OverflowError, TypeError, OSError):
        return ""


def _iso(said: str) -> str:
    try:
        return instant(said).isoformat() if said else ""
    except Unreadable:
        return ""


def _ttl(minutes: Any) -> float:
    try:
        return min(max(0.0, float(minutes) * 60), 86_400.0)
    except (TypeError, ValueError):
        return 0.0
