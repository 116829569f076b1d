"""Pictures that leave with a reply."""

from __future__ import annotations

from django.db.models import Q
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.models import Case
from hark.cases.views.media import stored_file
from hark.cases.views.shared import case_for, case_url, failed, reads, works
from hark.replies import actions
from hark.replies.models import ReplyFile

from .composer import _show, composer_of


@works
@require_POST
def attach(request: AgentRequest, pk: int) -> HttpResponse:
    """Put a picture to the reply being written. The words typed so far come along and are kept."""
    case = case_for(request, pk)
    private = request.POST.get("to") == "private"
    if "text" in request.POST:
        actions.save_draft(case, request.member, private=private, text=request.POST["text"])
    upload = request.FILES.get("picture")
    problem = ""
    try:
        if upload is None:
            raise NotPossible(_("Choose a picture first."))
        actions.attach(case, request.member, upload, request.POST.get("alt", ""))
    except NotPossible as reason:
        problem = str(reason)
    if not request.htmx:
        if problem:
            return failed(request, case, problem)
        return HttpResponseRedirect(case_url(case, request, to="private" if private else "public") + "#reply")
    shown = composer_of(request, case, private=private)
    shown.problem = problem
    return _show(request, shown, status=422 if problem else 200)


@works
@require_POST
def detach(request: AgentRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(
        ReplyFile.objects.filter(brand=request.brand, member=request.member, reply=None), pk=pk
    )
    case = case_for(request, file.case_id)
    private = request.POST.get("to") == "private"
    if "text" in request.POST:
        actions.save_draft(case, request.member, private=private, text=request.POST["text"])
    actions.drop_file(file)
    if not request.htmx:
        return HttpResponseRedirect(case_url(case, request, to="private" if private else "public") + "#reply")
    return _show(request, composer_of(request, case, private=private))


@reads
def picture(request: AgentRequest, pk: int) -> FileResponse:
    """The picture itself: for whoever may read the case, or, before it is sent, for its author."""
    mine = Case.objects.visible_to(request.member)
    rows = ReplyFile.objects.filter(brand=request.brand, case__in=mine).filter(
        Q(reply__isnull=False) | Q(member=request.member)
    )
    file = get_object_or_404(rows, pk=pk)
    return stored_file(file.stored, file.content_type, file.alt or file.name)
