"""The conversation to keep: as a text file, or as a letter to an address that the customer types and confirms."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hark.journeys import transcript
from hark.secure import reading
from hark.secure.forms import LetterForm
from hark.secure.models import SecurePage
from hark.visits import limits
from hark.web.problems import NotPossible

from .page import SAYINGS, opened


@require_GET
@opened
def save(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Everything that was said here as a text file, to keep."""
    lines = [_("Your private page with %(brand)s") % {"brand": page.brand.name}, ""]
    lines += reading.written(page, reading.conversation(page))
    answer = HttpResponse("\r\n".join(lines), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="conversation.txt"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "POST"])
@opened
def mail(request: HttpRequest, page: SecurePage, token: str) -> HttpResponse:
    """Ask for it by e-mail: the address is typed, read once more, and only then does it leave."""
    if transcript.mailbox_for(page) is None:
        raise Http404
    context = {"page": page, "token": token}
    if request.method == "GET":
        known = page.email if page.proof == SecurePage.Proof.EMAIL else ""
        form = LetterForm(initial={"address": known})
        return render(request, "secure/letter.html", {**context, "form": form, "stage": "ask"})
    form = LetterForm(request.POST)
    if not form.is_valid():
        return render(request, "secure/letter.html", {**context, "form": form, "stage": "ask"}, status=422)
    context |= {"form": form, "address": form.cleaned_data["address"]}
    if not form.cleaned_data["sure"]:
        return render(request, "secure/letter.html", {**context, "stage": "confirm"})
    try:
        if not limits.allowed(SAYINGS, str(page.pk)):
            raise NotPossible(_("That was a lot at once. Please try again in a minute."))
        transcript.send(page, form.cleaned_data["address"])
    except NotPossible as problem:
        form.add_error(None, str(problem))
        return render(request, "secure/letter.html", {**context, "stage": "ask"}, status=422)
    return render(request, "secure/letter.html", {**context, "stage": "sent"})
