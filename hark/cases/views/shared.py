"""How a page finds a case, shows a form on top of it, and says what became of a deed. With script and without."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import READS, Permission
from hark.cases.context.queue import choice_of
from hark.cases.models import Case

reads = member_may(*READS)
works = member_may(Permission.REPLY)
notes = member_may(Permission.REPLY, Permission.ANSWER_QUESTION)


def case_for(request: AgentRequest, pk: int) -> Case:
    """The case with what its header shows, if this member may read it; else 404."""
    rows = Case.objects.visible_to(request.member).select_related(
        "brand", "person", "assignee__user", "team", "location"
    )
    case = get_object_or_404(rows, pk=pk)
    case.brand = request.brand
    return case


def queue_query(request: AgentRequest) -> str:
    """The part of the address that says which queue stands at the left, kept from page to page: `?view=mine`."""
    choice = choice_of(request.GET)
    named = "view" in request.GET or choice.filters
    return f"?{choice.query}" if named else ""


def case_url(case: Case, request: AgentRequest, **more: Any) -> str:
    """The address of a case's page beside the same queue."""
    query = queue_query(request).removeprefix("?")
    extra = urlencode({name: value for name, value in more.items() if value not in (None, "")})
    whole = "&".join(part for part in (query, extra) if part)
    return f"{case.get_absolute_url()}{'?' if whole else ''}{whole}"


def done(request: AgentRequest, case: Case, text: str, *, undo: str = "", back: str = "") -> HttpResponse:
    """Say that a deed is done. A script closes the form, shows the sentence and lets the open parts look again;
    without one the reader lands on the case. `undo` is the address that takes it back by POST.
    """
    if not request.htmx:
        messages.success(request, text)
        return HttpResponseRedirect(back or case_url(case, request))
    response = render(request, "cases/_done.html", {"text": text, "undo": undo})
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"hark:done": {"case": case.pk}})
    return response


def failed(request: AgentRequest, case: Case, problem: Exception | str) -> HttpResponse:
    """Say that a deed without a form can't be done, and why; what stands on the page stays."""
    if not request.htmx:
        messages.error(request, str(problem))
        return HttpResponseRedirect(case_url(case, request))
    response = render(request, "cases/_done.html", {"text": str(problem), "failed": True}, status=422)
    response["HX-Reswap"] = "none"
    return response


def ask(
    request: AgentRequest,
    case: Case,
    form: forms.Form,
    *,
    title: str,
    press: str,
    **more: Any,
) -> HttpResponse:
    """A form on top of the case: inside a dialog where script is, else as a page of its own. After a press: refused."""
    template = more.pop("template", "cases/ask.html")
    context = {
        "case": case,
        "form": form,
        "title": title,
        "press": press,
        "action": request.get_full_path(),
        "back": case_url(case, request),
        "frame": "cases/_layer.html" if request.htmx else "cases/layer_page.html",
        **more,
    }
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def refuse(form: forms.Form, problem: Exception | str) -> forms.Form:
    """The form with the reason on top, and everything that was typed."""
    form.add_error(None, str(problem) or _("That can’t be done now."))
    return form


def go(request: AgentRequest, address: str, text: str) -> HttpResponse:
    """Say that a deed is done on another page, and go there."""
    messages.success(request, text)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def case_address(request: AgentRequest, name: str, *args: int) -> str:
    return reverse(name, args=[request.brand.slug, *args])
