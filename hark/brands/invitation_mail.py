"""The mail that brings an invitation."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from .jobs import send_later
from .models import Brand, Invitation, User


def send(invitation: Invitation, path: str) -> None:
    """To the invited address, by a job."""
    context = {"invitation": invitation, "link": f"{settings.HARK_PUBLIC_URL}{path}"}
    subject = _("Work with %(brand)s in Hark") % {"brand": invitation.brand.name}
    body = render_to_string("brands/invitation_mail.txt", context)
    send_later(to=invitation.email, subject=subject, body=body)


def leaves() -> bool:
    """Whether mail leaves this installation, or is written to files until HARK_MAIL_URL is set."""
    return bool(settings.EMAIL_CONFIG.host)


def link_may_be_shown(user: User | AnonymousUser) -> bool:
    """Whoever sees the link can become the invited person. So never where mail can carry it, nor across brands.

    Without mail: the operator always; others on an installation that serves their brand alone.
    """
    return not leaves() and (user.is_staff or Brand.objects.count() == 1)
