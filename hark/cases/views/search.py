"""Search over everything that was said."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from hark.brands.access import AgentRequest
from hark.cases import search as searching

from .shared import reads

NARROWER = (
    ("after:90d", _("Last 90 days")),
    ("is:open", _("Open cases")),
    ("in:private", _("Private")),
    ("in:public", _("Public")),
    ("assignee:me", _("Mine")),
    ("from:us", _("Said by us")),
)
HELP = (
    ('"cut off"', _("these words, in this order")),
    ("-refund", _("without this word")),
    ("from:maya", _("said by them; from:us is what we said")),
    ("to:maya", _("what we said to them")),
    ("is:open", _("also waiting, answered, snoozed, resolved, closed, late, unread, unassigned")),
    ("in:private", _("or in:public")),
    ("tag:baggage", _("cases with this tag")),
    ("assignee:me", _("or a name, or nobody")),
    ("channel:bluesky", _("on this network")),
    ("lang:nl", _("in this language")),
    ("after:7d", _("or a day: after:2026-01-31, before:2026-02-28")),
    ("has:picture", _("also media, link, note, rating")),
)


@reads
def search(request: AgentRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[: searching.LONGEST]
    found = searching.find(request.member, text, before=request.GET.get("before") or None) if text else None
    context = {
        "q": text,
        "found": found,
        "words": searching.marked_words(found.query) if found else [],
        "narrower": [_narrower(text, operator, label) for operator, label in NARROWER],
        "help": HELP,
        "is_first": not request.GET.get("before"),
    }
    return render(request, "cases/search.html", context)


def _narrower(text: str, operator: str, label: object) -> dict[str, object]:
    """A press that puts an operator into the query, or takes it out again."""
    parts = text.split()
    is_on = operator in parts
    changed = [part for part in parts if part != operator] if is_on else [*parts, operator]
    return {"label": label, "q": " ".join(changed), "on": is_on}
