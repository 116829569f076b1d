"""Answers from a file: CSV with a header, or Markdown. Read whole, shown with its errors, then written.

CSV columns: `title`, `answer`, and if wanted `subject`, `about`, `wordings` (separated by |), `private`, `opening`,
`closing`, `valid_from`, `valid_until` (2026-12-31). Markdown: `# title`, paragraphs, `> own words`, `- wording`,
`key: value` lines below the title, `## private` before what is for private messages alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from hark.brands.models import Brand
from hark.web.problems import NotPossible

from .content import ANYWHERE, OWN, PRIVATE, Block, Content
from .models import Answer

CELL_LIMIT = 128 * 1024  # characters of one cell
MOST_ROWS = 2000
MOST_BYTES = 2 * 2**20
META = re.compile(r"(subject|about|valid_from|valid_until)\s*:\s*(.+)\Z", re.IGNORECASE)
COLUMNS = {
    "title", "answer", "subject", "about", "wordings", "private", "opening", "closing", "valid_from", "valid_until",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One answer of the file; `problem` is a sentence where it can't be taken."""

    line: int
    content: Content
    subject: str = ""
    problem: str = ""


@dataclass
class Raw:
    """Fields as found, before anything is checked."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    wordings: list[str] = field(default_factory=list)


def read(text: str, brand: Brand) -> list[Row]:
    """Every answer in the text, each with its problem if it has one. Raises NotPossible when it is neither kind of file."""
    text = text.replace("\0", "").lstrip("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        raise NotPossible(_("There is nothing in it."))
    raws = list(_markdown(text) if text.lstrip().startswith("#") else _csv(text))
    if not raws:
        raise NotPossible(_("No answer was found in it."))
    if len(raws) > MOST_ROWS:
        raise NotPossible(_("At most %(most)s answers at once.") % {"most": MOST_ROWS})
    known = {
        title.casefold()
        for title in Answer.objects.filter(brand=brand, retired_at=None).values_list("title", flat=True)
    }
    rows = []
    for raw in raws:
        row = _checked(raw, known)
        if not row.problem:
            known.add(row.content.title.casefold())
        rows.append(row)
    return rows


def _checked(raw: Raw, known: set[str]) -> Row:
    values = raw.values
    blocks = list(raw.blocks)
    if not any(block.kind == OWN for block in blocks):
        blocks.insert(0, Block(OWN, _("Open with what happened to this person, in a sentence of your own.")))
    content = Content(
        title=values.get("title", "")[:120],
        about=values.get("about", "")[:300],
        valid_from=values.get("valid_from", ""),
        valid_until=values.get("valid_until", ""),
        wordings=tuple(raw.wordings[:50]),
        blocks=tuple(blocks[:20]),
    )
    row = Row(raw.line, content, values.get("subject", "")[:60])
    try:
        for day in filter(None, (content.valid_from, content.valid_until)):
            _day(day)
        if len(values.get("title", "")) > 120:
            raise NotPossible(_("The question is longer than 120 characters."))
        if content.title.casefold() in known:
            raise NotPossible(_("There is an answer to this question already."))
        content.check()
    except NotPossible as problem:
        return replace(row, problem=str(problem))
    return row


def _day(text: str) -> None:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise NotPossible(_("“%(day)s” is no day: write it as 2026-12-31.") % {"day": text[:20]})


def _csv(text: str) -> Iterator[Raw]:
    csv.field_size_limit(CELL_LIMIT)  # of the whole process: what reads archives sets its own
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if not {"title", "answer"} <= names:
        raise NotPossible(_("The first line must name the columns: title and answer at least."))
    try:
        for found in reader:
            row = {
                (name or "").strip().lower(): value.strip()
                for name, value in found.items()
                if isinstance(value, str)
            }
            if not any(row.values()):
                continue
            parts = [(OWN, "opening"), (ANYWHERE, "answer"), (PRIVATE, "private"), (OWN, "closing")]
            yield Raw(
                reader.line_num,
                {name: value for name, value in row.items() if name in COLUMNS},
                [Block(kind, row[name][:2000]) for kind, name in parts if row.get(name)],
                [wording.strip()[:300] for wording in row.get("wordings", "").split("|") if wording.strip()],
            )
    except csv.Error as problem:
        raise NotPossible(
            _("Line %(line)s can’t be read: %(problem)s") % {"line": reader.line_num, "problem": problem}
        ) from problem


def _markdown(text: str) -> Iterator[Raw]:
    raw: Raw | None = None
    kind = ANYWHERE
    for number, paragraph in _paragraphs(text):
        if paragraph.startswith("# "):
            if raw:
                yield raw
            raw, kind = Raw(number, {"title": paragraph[2:].strip()}), ANYWHERE
        elif raw is None:
            continue
        elif paragraph.startswith("##"):
            kind = PRIVATE if paragraph.strip("# ").lower().startswith("private") else ANYWHERE
        elif paragraph.startswith(">"):
            raw.blocks.append(Block(OWN, re.sub(r"(?m)^>\s?", "", paragraph).strip()[:2000]))
        elif paragraph.startswith(("- ", "* ")):
            raw.wordings += [line[2:].strip()[:300] for line in paragraph.split("\n") if line[2:].strip()]
        elif all(META.match(line.strip()) for line in paragraph.split("\n")):
            for line in paragraph.split("\n"):
                if match := META.match(line.strip()):
                    raw.values[match.group(1).lower()] = match.group(2).strip()
        else:
            raw.blocks.append(Block(kind, " ".join(paragraph.split())[:2000]))
    if raw:
        yield raw


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Paragraphs with the number of their first line; a heading is one by itself."""
    lines: list[str] = []
    begins = 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if not line.strip() or line.startswith("#"):
            if lines:
                yield begins, "\n".join(lines)
            lines = []
            if line.startswith("#"):
                yield number, line
            begins = number + 1
            continue
        if not lines:
            begins = number
        lines.append(line)
