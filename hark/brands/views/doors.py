"""Ways in: the start page, one-time links, invitations, and the set-up of a first brand."""

from __future__ import annotations

from typing import cast

from allauth.account.utils import perform_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from hark.brands import actions, invitations, links
from hark.brands.access import public, signed_in
from hark.brands.forms import NewUserForm, SetUpForm
from hark.brands.models import Brand, Invitation, Member, User
from hark.web.problems import NotPossible


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """To the first page of the one brand, or a choice of brands."""
    user = cast(User, request.user)
    seats = list(Member.objects.active().filter(user=user).select_related("brand").order_by("brand__name"))
    if len(seats) == 1:
        return redirect(seats[0].first_page, seats[0].brand.slug)
    if not seats and may_set_up(request):
        return redirect("brands:set_up")
    return render(request, "brands/home.html", {"seats": seats, "may_set_up": may_set_up(request)})


def may_set_up(request: HttpRequest) -> bool:
    """Operators always; whoever has signed in while there is no brand; a stranger while there is no user either."""
    if request.user.is_authenticated and request.user.is_staff:
        return True
    if Brand.objects.exists():
        return False
    return request.user.is_authenticated or not User.objects.exists()


@require_http_methods(["GET", "POST"])
@public
@never_cache
@sensitive_post_parameters()
def set_up(request: HttpRequest) -> HttpResponse:
    """A brand of one's own. The first person on an empty installation becomes its operator as well."""
    if not may_set_up(request):
        raise PermissionDenied
    user = request.user if request.user.is_authenticated else None
    form = SetUpForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        brand, owner = form.create()
        if user is None:
            perform_login(request, owner)
        return redirect("brands:rules", brand.slug)
    return render(request, "brands/set_up.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@public
@never_cache
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking costs nothing; pressing the button signs in and uses the link up."""
    try:
        if request.method == "POST":
            return cast(HttpResponse, perform_login(request, links.use(token)))
        links.check(token)
    except NotPossible as problem:
        return _closed(request, problem)
    return render(request, "brands/sign_in_link.html")


@require_http_methods(["GET", "POST"])
@public
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take a seat: as the one who is signed in, or as somebody new with a name and a password."""
    try:
        offer = invitations.find(token)
        known = User.objects.filter(email__iexact=offer.email).exists()
        if known or request.user.is_authenticated:
            return _accept_as_known(request, offer, token)
        form = NewUserForm(request.POST or None, email=offer.email)
        if request.method == "POST" and form.is_valid():
            user = actions.accept_as_new(
                token, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
            return cast(HttpResponse, perform_login(request, user))
    except NotPossible as problem:
        return _closed(request, problem)
    context = {"invitation": offer, "form": form}
    return render(request, "brands/invitation.html", context, status=422 if form.errors else 200)


def _accept_as_known(request: HttpRequest, offer: Invitation, token: str) -> HttpResponse:
    if request.method == "POST" and request.user.is_authenticated:
        member = actions.accept(token, request.user)
        return redirect(member.first_page, member.brand.slug)
    same = request.user.is_authenticated and request.user.email.lower() == offer.email.lower()
    return render(request, "brands/invitation.html", {"invitation": offer, "same": same})


def _closed(request: HttpRequest, problem: NotPossible) -> HttpResponse:
    return render(request, "brands/link_closed.html", {"problem": problem}, status=410)
