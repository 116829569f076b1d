"""What customers see. Plain pages and forms: everything works without script and on an old phone.

Every answer: never cached, no referrer to other places, not indexed. Whoever has no link, or one that is over, learns nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hark.cases.views.media import stored_file
from hark.journeys.transcript import mailbox_for
from hark.secure import actions, files, reading
from hark.secure.asking import Asked
from hark.secure.forms import SayForm
from hark.secure.models import SecurePage
from hark.visits import limits
from hark.web.access import public

COOKIE = "hark_page"
OPENINGS = limits.Limit("secure-open", 40, 600)  # of an address: guesses at links, and tries at their checks
SAYINGS = limits.Limit("secure-say", 20, 60)  # of a page

Inner = Callable[..., HttpResponse]


def guarded(view: Inner) -> Inner:
    """Finds the page of the link for this device, as `request`'s second argument; a closed door for everybody else."""

    @wraps(view)
    def inner(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        try:
            page = actions.page_behind(token, request.COOKIES.get(COOKIE, ""))
            answer = view(request, page, token, **more)
        except actions.Gone:
            answer = _gone(request)
        except actions.Elsewhere:
            answer = _closed_door(request, "elsewhere", 403)
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = (
            "same-origin"  # "no-referrer" would have forms come from nowhere, and be refused
        )
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    return public(inner)


def opened(view: Inner) -> Inner:
    """For a page that this device has opened; whoever has not is led to the door."""

    @wraps(view)
    def inner(request: HttpRequest, page: SecurePage, token: str, **more: Any) -> HttpResponse:
        if page.opened_at is None:
            return HttpResponseRedirect(reverse("secure:page", args=[token]))
        return view(request, page, token, **more)

    return guarded(inner)


@require_GET
@guarded
def page(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """The page; or its door, while nobody has opened it. Looking binds nothing: networks look at every link by themselves."""
    if page.opened_at is None:
        return _door(request, page, token)
    return _show(request, page, token)


@require_POST
@guarded
def open_page(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Open it on this device, after the check if there is one."""
    if page.opened_at:
        return HttpResponseRedirect(reverse("secure:page", args=[token]))
    if not limits.allowed(OPENINGS, limits.address_of(request)):
        return _closed_door(request, "too_often", 429)
    try:
        if page.proof == SecurePage.Proof.FACTS:
            asked = enumerate(question for question, _hash in page.facts)
            given = {question: request.POST.get(f"fact{number}", "")[:200] for number, question in asked}
            actions.prove_by_facts(page, given)
        elif page.proof == SecurePage.Proof.EMAIL:
            actions.prove_by_code(page, request.POST.get("code", "")[:40])
    except actions.Wrong as problem:
        return _door(request, page, token, problem=str(problem))
    key = actions.open_for(page)
    answer = HttpResponseRedirect(reverse("secure:page", args=[token]))
    answer.set_cookie(
        COOKIE,
        key,
        path=reverse("secure:page", args=[token]),
        expires=page.closes_at,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


@require_POST
@guarded
def code(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Send the code of the check to the address that we know."""
    if page.opened_at or page.proof != SecurePage.Proof.EMAIL:
        return HttpResponseRedirect(reverse("secure:page", args=[token]))
    if not limits.allowed(OPENINGS, limits.address_of(request)):
        return _closed_door(request, "too_often", 429)
    try:
        actions.send_code(page)
    except actions.Full:
        return _door(request, page, token, problem=_("We have sent you several codes. Use the newest one."))
    return _door(request, page, token, sent=True)


@require_POST
@opened
def say(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Words and files, as one message."""
    form = SayForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, page, token, form=form, status=422)
    told = form.cleaned_data
    if not limits.allowed(SAYINGS, str(page.pk)):
        form.add_error(None, _("That was a lot at once. Your words are kept: send them again in a minute."))
        return _show(request, page, token, form=form, status=429)
    try:
        checked = [files.check(upload) for upload in told["upload"]]
        actions.say(page, token, told["key"], told["text"], [files.keep(one) for one in checked])
    except files.Refused as problem:
        form.add_error("upload", str(problem))
        return _show(request, page, token, form=form, status=422)
    except actions.Full:
        form.add_error(None, _("This page is full. We answer here soon, and send you a new one."))
        return _show(request, page, token, form=form, status=422)
    return HttpResponseRedirect(reverse("secure:page", args=[token]) + "#write")


@require_POST
@opened
def fill_in(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """The answers to the brand's form, as one message."""
    if not page.form_lines:
        raise Http404
    asked = Asked(page.form_lines, request.POST)
    if not asked.is_valid():
        return _show(request, page, token, asked=asked, status=422)
    if not limits.allowed(SAYINGS, str(page.pk)):
        return _show(request, page, token, asked=asked, status=429)
    key = uuid.uuid5(
        uuid.NAMESPACE_OID, f"{page.pk} {asked.answers()}"
    )  # the same answers are the same message
    if answers := asked.answers():
        try:
            actions.say(page, token, key, answers, form=page.form_name)
        except actions.Full:
            return _show(request, page, token, asked=asked, status=422)
    return HttpResponseRedirect(reverse("secure:page", args=[token]) + "#write")


@require_GET
@opened
def news(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """The messages as they stand now; 204 when they are as the page has them."""
    bubbles = reading.conversation(page)
    if request.GET.get("seen") == reading.stamp(bubbles):
        return HttpResponse(status=204)
    return render(request, "secure/_messages.html", _said(page, token, bubbles))


@require_http_methods(["GET", "POST"])
@opened
def close(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Close the page before its time; asked first."""
    if request.method == "GET":
        return render(request, "secure/close.html", {"page": page, "token": token})
    actions.close(page, SecurePage.ClosedBy.CUSTOMER)
    answer = _closed_door(request, "closed", 200)
    answer.delete_cookie(COOKIE, path=reverse("secure:page", args=[token]))
    return answer


@require_GET
@opened
def file(request: HttpRequest, page: SecurePage, token: str, pk: int) -> HttpResponse:
    medium = reading.medium_of(page, pk)
    if medium is None:
        raise Http404
    return _bytes(stored_file(medium.stored, medium.content_type, medium.alt or _("file")))


@require_GET
@opened
def picture(request: HttpRequest, page: SecurePage, token: str, pk: int) -> HttpResponse:
    found = reading.picture_of(page, pk)
    if found is None:
        raise Http404
    return _bytes(stored_file(found.stored, found.content_type, found.alt or found.name))


def _bytes(answer: Any) -> HttpResponse:
    response: HttpResponse = answer
    return response


def _show(
    request: HttpRequest,
    page: SecurePage,
    token: str,
    *,
    form: SayForm | None = None,
    asked: Asked | None = None,
    status: int = 200,
) -> HttpResponse:
    bubbles = reading.conversation(page)
    context = _said(page, token, bubbles) | {
        "steps": reading.steps(page.case),
        "form": form or SayForm(),
        "asked": asked or (Asked(page.form_lines) if page.form_lines and not _answered(page) else None),
        "first_name": page.case.person.name.split(" ")[0],
        "agent": page.by.user.first_name,
        "sends_letters": mailbox_for(page) is not None,
    }
    return render(request, "secure/page.html", context, status=status)


def _answered(page: SecurePage) -> bool:
    """Whether the brand's form was filled in: then it is not asked again."""
    return any(line.form for line in actions.said_before_it_arrived(page)) or (
        page.messages().filter(outbound=False, facts__has_key="form").exists()
    )


def _said(page: SecurePage, token: str, bubbles: list[reading.Bubble]) -> dict[str, Any]:
    return {"page": page, "token": token, "bubbles": bubbles, "stamp": reading.stamp(bubbles)}


def _door(
    request: HttpRequest, page: SecurePage, token: str, *, problem: str = "", sent: bool = False
) -> HttpResponse:
    """What stands before the page: the check, and a button. It names the brand, and nothing of the case."""
    context = {
        "page": page,
        "token": token,
        "problem": problem,
        "sent": sent,
        "facts": [question for question, _hash in page.facts],
    }
    return render(request, "secure/door.html", context, status=422 if problem else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was and for one that is over. Too many of those from one place have to wait."""
    if not limits.allowed(limits.UNKNOWN_TOKENS, limits.address_of(request)):
        return _closed_door(request, "too_often", 429)
    return _closed_door(request, "gone", 410)


def _closed_door(request: HttpRequest, why: str, status: int) -> HttpResponse:
    answer = render(request, "secure/gone.html", {"why": why}, status=status)
    if status == 429:
        answer["Retry-After"] = str(limits.seconds_left(limits.UNKNOWN_TOKENS))
    return answer
