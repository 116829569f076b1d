"""One-time sign-in links, printed for the operator (`hark link`)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.web.problems import NotPossible

from . import tokens
from .models import SignInLink, User

LINK_LASTS = timedelta(minutes=15)


def sign_in_link(user: User) -> str:
    """The path of a link that signs this user in once, within 15 minutes. A second factor is still asked for."""
    token, token_hash = tokens.fresh()
    SignInLink.objects.create(user=user, token_hash=token_hash, expires_at=timezone.now() + LINK_LASTS)
    return reverse("brands:sign_in_link", args=[token])


def use(token: str) -> User:
    """Whoever the link is for; it works no more. Raises NotPossible when it was used, is late, or is none."""
    with transaction.atomic():
        rows = SignInLink.objects.select_for_update(of=("self",)).select_related("user")
        link = _open(rows.filter(token_hash=tokens.hashed(token)).first())
        link.used_at = timezone.now()
        link.save(update_fields=["used_at"])
    return link.user


def check(token: str) -> None:
    """Raises NotPossible for a link that would not work. Doesn't use it up: mail programs open links to look."""
    _open(SignInLink.objects.filter(token_hash=tokens.hashed(token)).first())


def _open(link: SignInLink | None) -> SignInLink:
    if link is None:
        raise NotPossible(_("This is not a sign-in link. Was it copied as a whole?"))
    if link.used_at:
        raise NotPossible(_("This link has been used. Each works once."))
    if link.expires_at <= timezone.now() or not link.user.is_active:
        raise NotPossible(_("This link has ended: it held for fifteen minutes."))
    return link
