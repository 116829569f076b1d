"""The brand's own forms: one question a line, as people write a list.

    Order number *
    What happened? [long]
    When? [date] *
    What would you like? [a new one / my money back]

`*` must be answered; `[long]` has room, `[date]` is a day, and words with ` / ` between them are a choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

MOST = 20  # questions
LINE = re.compile(r"^(?P<label>[^\[\]]{1,120}?)\s*(?:\[(?P<kind>[^\[\]]{1,400})\])?\s*(?P<must>\*)?$")


class Asked(forms.Form):
    """The questions as a form; the names of its fields say nothing: q0, q1, …"""

    def __init__(self, lines: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for number, (label, kind, must) in enumerate(questions(lines)):
            self.fields[f"q{number}"] = _field(label, kind, must)

    def answers(self) -> str:
        """What was filled in, for people to read: a question and its answer a line."""
        told = [(field.label, self.cleaned_data[name]) for name, field in self.fields.items()]
        return "\n".join(f"{label}: {_written(value)}" for label, value in told if value)


def questions(lines: str) -> list[tuple[str, str, bool]]:
    """(label, kind, must be answered) a question. Raises ValidationError that names the line that can't be read."""
    found = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        match = LINE.match(line)
        if match is None:
            raise ValidationError(_("This line can’t be read: “%(line)s”."), params={"line": line[:60]})
        found.append((match["label"].strip(), (match["kind"] or "").strip(), bool(match["must"])))
    if not 0 < len(found) <= MOST:
        raise ValidationError(_("Ask one to %(most)s questions, one a line."), params={"most": MOST})
    return found


def _field(label: str, kind: str, must: bool) -> forms.Field:
    options: dict[str, Any] = {"label": label, "required": must}
    if kind == "date":
        return forms.DateField(**options, widget=forms.DateInput(attrs={"type": "date"}))
    if kind == "long":
        return forms.CharField(**options, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    choices = [choice.strip() for choice in kind.split("/") if choice.strip()]
    if choices:
        shown = [("", "—"), *((choice, choice) for choice in choices)]
        return forms.ChoiceField(**options, choices=shown)
    return forms.CharField(**options, max_length=400)


def _written(value: Any) -> str:
    return date_format(value, "DATE_FORMAT") if hasattr(value, "isoformat") else str(value)
