"""The HTML of a status or a feed as plain text: paragraphs, whole links, full handles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

BLOCKS = {"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
UNSEEN = {"script", "style", "template"}


class _Text(HTMLParser):
    def __init__(self, mentions: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.mentions = mentions
        self.parts: list[str] = []
        self.link: tuple[str, str, int] | None = None  # address, classes, where its text begins
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in UNSEEN:
            self.unseen += 1
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n• ")
        elif tag == "img":
            self.parts.append(named.get("alt", ""))
        elif tag == "a" and self.link is None:
            self.link = (named.get("href", ""), named.get("class", ""), len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self.link is not None:
            self._end_link(*self.link)
            self.link = None

    def _end_link(self, href: str, classes: str, begin: int) -> None:
        """A mention reads as the full handle, a hashtag as it is; any other link as its whole address, shown or not."""
        shown = "".join(self.parts[begin:])
        if handle := self.mentions.get(href):
            said = f"@{handle}"
        elif "hashtag" in classes or shown.startswith(("#", "@")) or not href.startswith(("http", "mailto:")):
            said = shown
        else:
            said = href if _same(shown, href) else f"{shown} ({href})"
        self.parts[begin:] = [said]

    def handle_data(self, text: str) -> None:
        if not self.unseen:
            self.parts.append(text)


def _same(shown: str, href: str) -> bool:
    """Whether the words of a link are its address, perhaps shortened."""
    bare = re.sub(r"^(https?://)?(www\.)?|/$|…$", "", shown.strip())
    return not bare or bare in href


def plain(content: str, mentions: Mapping[str, str]) -> str:
    """The text of a status. `mentions`: address of a profile → its full handle."""
    parser = _Text(mentions)
    parser.feed(content)
    parser.close()
    if parser.link is not None:
        parser.handle_endtag("a")
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(parser.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
