"""HTML of strangers: made harmless by nh3 (Ammonia, an allow-list over a real HTML5 parser), or told in plain words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

MOST = 1_000_000  # characters
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "hr", "i",
    "li", "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
    "u", "ul",
}  # fmt: skip
BREAKS = TAGS - {
    "a",
    "abbr",
    "b",
    "code",
    "del",
    "em",
    "i",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
    "td",
    "th",
}


def clean(page: str) -> str:
    """No script, no style, no picture from elsewhere, no form; links open apart and tell nobody where they were."""
    return nh3.clean(
        page[:MOST],
        tags=TAGS,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self.quoted += 1
        if tag in BREAKS:
            self.said.append("\n")
        if tag == "li":
            self.said.append("• ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)
        if tag in BREAKS and tag not in ("br", "hr"):
            self.said.append("\n")
        if tag in ("td", "th"):
            self.said.append(" ")

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        if self.quoted and words.strip():
            words = "> " + words.strip() + "\n"
        self.said.append(words)


def to_text(page: str) -> str:
    """The words of a page, a line for each paragraph; quotations begin with “>”."""
    reader = _Words()
    reader.feed(clean(page))
    reader.close()
    lines = [line.strip() for line in "".join(reader.said).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
