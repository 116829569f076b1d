"""Writing an answer of record: its wordings, blocks, and facts with their variants. Without script a line more is a press."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest
from hark.playbook import actions
from hark.playbook.content import OWN, Block, Content
from hark.playbook.forms import AnswerForm, BlockForms, ValueForms, content_of
from hark.playbook.models import Answer
from hark.web.problems import NotPossible

from .answers import answer_for
from .shared import changes, tabs

MORE = {"blocks": "more_blocks", "values": "more_values"}  # formset: the button that adds a line


@changes
def new(request: AgentRequest) -> HttpResponse:
    return _edit(request, None)


@changes
def edit(request: AgentRequest, pk: int) -> HttpResponse:
    answer = answer_for(request, pk)
    if answer.retired_at:
        messages.error(request, _("This answer was retired."))
        return HttpResponseRedirect(answer.get_absolute_url())
    return _edit(request, answer)


def _edit(request: AgentRequest, answer: Answer | None) -> HttpResponse:
    if request.method != "POST":
        return _show(request, answer, *_forms_of(request, answer))
    post = request.POST.copy()
    for prefix, button in MORE.items():
        if button in post:
            total = post.get(f"{prefix}-TOTAL_FORMS", "0")
            post[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 1 if total.isdecimal() and len(total) < 4 else 1)
            return _show(request, answer, *_bound(request, post), status=200)
    form, blocks, values = _bound(request, post)
    if all([form.is_valid(), blocks.is_valid(), values.is_valid()]):
        given = form.cleaned_data
        try:
            version = actions.write(
                request.brand,
                content_of(form, blocks, values),
                by=request.member,
                answer=answer,
                subject=given["subject"],
                owner=given["owner"],
                why=given["why"],
                based_on=given["based_on"],
                press=given["press"],
            )
        except NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request,
                _("Saved as version %(number)s. It counts once it is approved.") % {"number": version.number},
            )
            return HttpResponseRedirect(version.answer.get_absolute_url())
    return _show(request, answer, form, blocks, values, status=422)


def _bound(request: AgentRequest, post: Any) -> tuple[AnswerForm, Any, Any]:
    return (
        AnswerForm(post, brand=request.brand),
        BlockForms(post, prefix="blocks"),
        ValueForms(post, prefix="values", form_kwargs={"brand": request.brand}),
    )


def _forms_of(request: AgentRequest, answer: Answer | None) -> tuple[AnswerForm, Any, Any]:
    newest = answer.versions.first() if answer else None
    content = newest.content if newest else _beginning()
    initial = {
        "title": content.title,
        "about": content.about,
        "wordings": "\n".join(content.wordings),
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "subject": answer.subject if answer else "",
        "owner": (answer.owner_id if answer else None) or request.member.pk,
        "based_on": newest.number if newest else 0,
        "press": uuid.uuid4(),
    }
    rows = [
        {"name": fact.name, **{name: getattr(value, name) for name in ("value", "location", "lang", "starts", "ends", "checked")}}
        for fact, value in content.values()
    ]  # fmt: skip
    return (
        AnswerForm(initial=initial, brand=request.brand),
        BlockForms(
            initial=[{"kind": block.kind, "text": block.text} for block in content.blocks], prefix="blocks"
        ),
        ValueForms(initial=rows or [{}], prefix="values", form_kwargs={"brand": request.brand}),
    )


def _beginning() -> Content:
    return Content(
        valid_until=timezone.localdate().replace(month=12, day=31).isoformat(),
        blocks=(
            Block(OWN, _("Open with what happened to this person. One sentence, warm, no fault.")),
            Block("any", ""),
            Block("private", ""),
            Block(OWN, _("End with what you do next, and by when.")),
        ),
    )


def _show(
    request: AgentRequest, answer: Answer | None, form: Any, blocks: Any, values: Any, status: int = 200
) -> HttpResponse:
    context = {
        "tabs": tabs(request, "answers"), "answer": answer, "form": form, "blocks": blocks, "values": values,
        "asked": status == 422,
    }  # fmt: skip
    return render(request, "playbook/edit.html", context, status=status)
