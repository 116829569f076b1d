"""Beside the draft: the answer of record for what was asked, what others were told, and the way to ask whoever decides."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases.models import Case, Message
from hark.cases.views.shared import ask, case_for, case_url, done, failed, refuse, works
from hark.journeys import policy
from hark.playbook import suggesting, uses
from hark.playbook.content import PRIVATE
from hark.playbook.forms import AskForm
from hark.playbook.known import contradictions, facts_for
from hark.playbook.models import Answer, Gap
from hark.playbook.precedents import earlier
from hark.replies.actions import draft_of, drafts_of, save_draft
from hark.replies.views.composer import composer_of
from hark.web.problems import NotPossible

JOINABLE = 5
LOOKED_BACK = 4  # messages of the customer, the newest


@works
def panel(request: AgentRequest, pk: int) -> HttpResponse:
    """Answers for what the customer wrote last, or for the message of the address."""
    context = answers_for(request, case_for(request, pk))
    return render(request, "playbook/_panel.html" if request.htmx else "playbook/panel.html", context)


def answers_for(request: AgentRequest, case: Case) -> dict[str, Any]:
    """For the message of the address, else the customer's newest words that any answer fits: “yes please” asks nothing."""
    said = _said(request, case)
    message, hits = (said[0] if said else None), list[suggesting.Hit]()
    for one in said:
        if hits := suggesting.suggest(request.brand.pk, one.text):
            message = one
            break
    answers = Answer.objects.select_related("current", "owner__user").in_bulk([hit.answer for hit in hits])
    where = uses.where_of(case)
    found = []
    for hit in hits:
        answer = answers.get(hit.answer)
        if answer and answer.current:
            answer.brand = request.brand
            content = answer.current.content
            found.append(
                {
                    "answer": answer,
                    "text": [content.filled(block, where) for block in content.blocks if block.kind == "any"],
                    "has_private": any(block.kind == PRIVATE for block in content.blocks),
                }
            )
    draft = " ".join(drafts_of(case, request.member))
    return {
        "case": case,
        "message": message,
        "is_newest": "message" not in request.GET and (not said or message == said[0]),
        "found": found,
        "earlier": earlier(request.member, message) if message else [],
        "contradictions": contradictions(draft, facts_for(case, draft)) if draft else [],
        "gaps": Gap.objects.filter(waiting__case=case).select_related("asked__user").order_by("-at")[:3],
    }


def questions_of(case: Any) -> Any:
    """One number that changes when a question of a case is asked or answered; for use in another query."""
    rows = Gap.objects.filter(waiting__case=case).order_by().values("waiting__case")
    return rows.annotate(told=Count("pk") * 100 + Count("answered_at")).values("told")


def _said(request: AgentRequest, case: Case) -> list[Message]:
    rows = Message.objects.filter(case=case, outbound=False, deleted_at=None)
    given = request.GET.get("message", "")
    if given.isdecimal() and len(given) < 19:
        return [get_object_or_404(rows, pk=int(given))]
    shown = ("brand", "case", "text", "private")
    return list(rows.exclude(text="").order_by("-published_at", "-id").only(*shown)[:LOOKED_BACK])


@works
@require_POST
def use(request: AgentRequest, pk: int, answer: int) -> HttpResponse:
    """The answer as text for the composer: a script puts it where the caret is; without one it goes to the end of the draft."""
    case = case_for(request, pk)
    found = get_object_or_404(Answer.objects.filter(brand=request.brand).select_related("current"), pk=answer)
    private = request.POST.get("to") == "private"
    try:
        text = uses.put_in(found, case, by=request.member, private=private)
    except NotPossible as problem:
        return failed(request, case, problem)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    before = draft_of(case, request.member, private)
    if text not in before:
        save_draft(case, request.member, private=private, text=f"{before}\n{text}".strip())
    return HttpResponseRedirect(case_url(case, request, to="private" if private else "public") + "#reply")


@works
def ask_owner(request: AgentRequest, pk: int) -> HttpResponse:
    """No answer fits: ask whoever decides, with a due time. A holding reply is prepared."""
    case = case_for(request, pk)
    people = [
        member
        for member in Member.objects.active()
        .filter(brand=request.brand)
        .select_related("user")
        .order_by("user__name", "pk")
        if member != request.member and policy.may_be_asked(member)
    ]
    form = AskForm(request.POST or None, may_be_asked=people, initial={"asked": _owner(case, people)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            policy.ask(
                case,
                by=request.member,
                question=given["question"],
                detail=given["detail"],
                asked=given["asked"],
                due_at=form.due_at,
                press=given["press"],
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return _asked(
                request, case, _("Asked. A holding reply lies in the composer: add your own words.")
            )
    joinable = (
        Gap.objects.filter(brand=request.brand)
        .open()
        .exclude(waiting__case=case)
        .select_related("asked__user")
    )
    return ask(
        request,
        case,
        form,
        title=_("Ask whoever decides"),
        press=_("Ask"),
        template="playbook/ask.html",
        joinable=joinable.order_by("-at")[:JOINABLE],
    )


@works
@require_POST
def join(request: AgentRequest, pk: int, gap: int) -> HttpResponse:
    """This customer waits for the same answer as others."""
    case = case_for(request, pk)
    found = get_object_or_404(Gap.objects.filter(brand=request.brand), pk=gap)
    try:
        policy.join(found, case, by=request.member)
    except NotPossible as problem:
        return failed(request, case, problem)
    return _asked(request, case, _("They wait for the same answer. A holding reply lies in the composer."))


def _asked(request: AgentRequest, case: Case, text: str) -> HttpResponse:
    """Say so, and show the holding reply in the composer."""
    response = done(request, case, text)
    if request.htmx:
        shown = composer_of(request, case_for(request, case.pk), private=policy.spoke_last_in_private(case))
        html = render_to_string(
            "replies/_composer.html", {"composer": shown, "case": case, "oob": True}, request
        )
        response.content += html.encode()
    return response


def _owner(case: Case, people: list[Member]) -> int | None:
    """Who answers for the nearest answer; else whoever may change the playbook."""
    allowed = {member.pk for member in people}
    said = " ".join(
        case.messages.filter(outbound=False).order_by("-published_at").values_list("text", flat=True)[:3]
    )
    for hit in suggesting.suggest(case.brand_id, said):
        owner = Answer.objects.filter(pk=hit.answer).values_list("owner", flat=True).first()
        if owner in allowed:
            return owner
    return next((member.pk for member in people if member.may(Permission.CHANGE_PLAYBOOK)), None)
