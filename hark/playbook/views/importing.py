"""Answers from a file: first shown with what is wrong in it, then written; each waits for its approval."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hark.brands.access import AgentRequest
from hark.playbook import actions, importing
from hark.playbook.forms import ImportForm
from hark.web.problems import NotPossible

from .shared import changes, tabs


@changes
def bring_in(request: AgentRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    rows: list[importing.Row] = []
    text = ""
    if request.method == "POST" and form.is_valid():
        try:
            text = _text(form)
            rows = importing.read(text, request.brand)
            if "confirmed" in request.POST:
                return _write(request, rows)
        except NotPossible as problem:
            form.add_error(None, str(problem))
    good = [row for row in rows if not row.problem]
    context = {
        "tabs": tabs(request, "answers"), "form": form, "rows": rows, "good": len(good), "text": text,
        "bad": len(rows) - len(good),
    }  # fmt: skip
    return render(request, "playbook/import.html", context, status=422 if form.errors else 200)


def _text(form: ImportForm) -> str:
    file = form.cleaned_data["file"]
    if not file:
        return str(form.cleaned_data["text"])
    if file.size > importing.MOST_BYTES:
        raise NotPossible(_("The file is larger than 2 MB."))
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotPossible(_("The file is not UTF-8 text. Save it as CSV (UTF-8) or Markdown.")) from None


def _write(request: AgentRequest, rows: list[importing.Row]) -> HttpResponse:
    count = 0
    for row in rows:
        if row.problem:
            continue
        try:
            with transaction.atomic():
                actions.write(
                    request.brand, row.content, by=request.member, subject=row.subject, why=_("Imported")
                )
            count += 1
        except NotPossible:
            continue  # somebody was quicker with the same question
    messages.success(
        request,
        ngettext(
            "%(count)s answer came in. It counts once it is approved.",
            "%(count)s answers came in. They count once they are approved.",
            count,
        )
        % {"count": count},
    )
    return HttpResponseRedirect(reverse("playbook:answers", args=[request.brand.slug]) + "?state=waiting")
