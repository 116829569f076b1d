"""Settings, Voice: how the brand sounds, and what it may admit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.replies.voice_form import VoiceForm


@require_http_methods(["GET", "POST"])
@member_may(Permission.CHANGE_TARGETS)
def voice(request: AgentRequest) -> HttpResponse:
    form = VoiceForm(request.POST or None, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. The coach goes by it from now on."))
        return redirect("replies:voice", request.brand.slug)
    context = {"form": form, "tabs": settings_tabs.shown(request)}
    return render(request, "replies/voice.html", context, status=422 if form.errors else 200)
