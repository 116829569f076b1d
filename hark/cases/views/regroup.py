"""Join two cases, split one, and take that back."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases import regrouping
from hark.cases.errors import NotPossible
from hark.cases.forms import MergeForm
from hark.cases.models import Case, Regrouping

from .shared import ask, case_address, case_for, case_url, done, failed, go, refuse, works


@works
def merge(request: AgentRequest, pk: int) -> HttpResponse:
    """Join this case into another. Cases of the same person are offered; any other by its number."""
    case = case_for(request, pk)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        into = Case.objects.visible_to(request.member).filter(pk=form.cleaned_data["into"]).first()
        if into is None:
            form.add_error("into", _("There is no such case, or it is not yours to see."))
        else:
            try:
                regrouping.merge(case, into=into, by=request.member)
            except NotPossible as problem:
                refuse(form, problem)
            else:
                return go(request, case_url(into, request), _("Joined into this case."))
    theirs = Case.objects.visible_to(request.member).filter(person=case.person_id).exclude(pk=case.pk)
    theirs = theirs.exclude(state=Case.State.MERGED).order_by("-last_activity_at")[:8]
    return ask(
        request,
        case,
        form,
        title=_("Join with another case"),
        press=_("Join"),
        template="cases/merge.html",
        theirs=theirs,
    )


@works
def split(request: AgentRequest, pk: int) -> HttpResponse:
    """Move chosen messages into a case of their own."""
    case = case_for(request, pk)
    messages = case.messages.select_related("profile").order_by("published_at", "id")[:200]
    problem = ""
    if request.method == "POST":
        wanted = {
            int(value) for value in request.POST.getlist("message") if value.isdecimal() and len(value) < 19
        }
        chosen = [message for message in messages if message.pk in wanted]
        try:
            if not chosen:
                raise NotPossible(_("Choose at least one message."))
            new = regrouping.split(case, chosen, by=request.member)
        except NotPossible as reason:
            problem = str(reason)
        else:
            row = Regrouping.objects.filter(target=new, source=case).order_by("-pk").first()
            undo = case_address(request, "cases:regroup-undo", new.pk, row.pk) if row else ""
            return done(request, case, _("Split off as case #%(number)s.") % {"number": new.pk}, undo=undo)
    context = {
        "case": case,
        "messages_here": messages,
        "problem": problem,
        "action": request.get_full_path(),
        "back": case_url(case, request),
        "title": _("Split the case"),
        "frame": "cases/_layer.html" if request.htmx else "cases/layer_page.html",
    }
    return render(request, "cases/split.html", context, status=422 if request.method == "POST" else 200)


@works
@require_POST
def undo(request: AgentRequest, pk: int, regrouping_pk: int) -> HttpResponse:
    case = case_for(request, pk)
    row = get_object_or_404(Regrouping.objects.filter(brand=request.brand), pk=regrouping_pk)
    if case.pk not in (row.source_id, row.target_id):
        return failed(request, case, _("That is not about this case."))
    try:
        regrouping.undo(row, by=request.member)
    except NotPossible as problem:
        return failed(request, case, problem)
    source = (
        Case.objects.visible_to(request.member).filter(pk=row.source_id).select_related("brand").first()
        or case
    )
    return go(request, case_url(source, request), _("Taken back."))
