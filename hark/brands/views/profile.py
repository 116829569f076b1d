"""What somebody sets for themselves, in whatever brand they work."""

from __future__ import annotations

from typing import cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hark.brands.access import signed_in
from hark.brands.forms import ProfileForm
from hark.brands.models import User


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    user = User.objects.get(
        pk=cast(User, request.user).pk
    )  # its own copy: what was refused shows nowhere else
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("brands:profile")
    context = {"form": form, "second_factor": is_mfa_enabled(request.user)}
    return render(request, "brands/profile.html", context, status=422 if form.errors else 200)
