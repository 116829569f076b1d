"""The coach beside the draft: what it finds while somebody types, and its repairs."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.views.shared import case_for, case_url, works
from hark.journeys.addressing import address
from hark.journeys.coaching import findings
from hark.replies import actions
from hark.replies.coach import Finding

from . import composer


@works
@require_POST
def look(request: AgentRequest, pk: int) -> HttpResponse:
    """The findings for the words as they stand; with `repair`, the composer with that check's repair made."""
    case = case_for(request, pk)
    private = request.POST.get("to") == "private"
    text = request.POST.get("text", "").replace("\0", "").replace("\r\n", "\n")[: actions.DRAFT_LENGTH]
    try:
        account = address(case, private=private).account
    except NotPossible:
        account = None  # nothing can leave from here; the words may still get better
    found = findings(case, text, private=private, account=account, by=request.member) if text.strip() else []
    if "repair" in request.POST:
        text = _repaired(text, found, request.POST["repair"])
        actions.save_draft(case, request.member, private=private, text=text)
        if not request.htmx:
            return HttpResponseRedirect(
                case_url(case, request, to="private" if private else "public") + "#reply"
            )
        shown = composer.composer_of(request, case, private=private)
        shown.focus = True
        return render(request, "replies/_composer.html", {"composer": shown, "case": case})
    shown = composer.Composer(case, private, text=text, findings=found)
    return render(request, "replies/_coach.html", {"composer": shown, "case": case})


def _repaired(text: str, found: list[Finding], check: str) -> str:
    for one in found:
        if one.check == check and one.repair:
            start, end = one.repair.span
            return text[:start] + one.repair.text + text[end:]
    return text
