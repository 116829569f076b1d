"""Whoever is asked in a note and does not live in the console hears of it by mail: a link, none of the customer's words."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hark.brands.jobs import send_later
from hark.brands.models import Member
from hark.brands.permissions import Permission

from .models import Note


def tell(note: Note, asked: Iterable[Member]) -> None:
    """A mail to each partner who was asked, when the note's transaction commits. Agents see it in their queue."""
    for member in asked:
        if member.may(Permission.REPLY) or member == note.member:
            continue
        context = {
            "note": note,
            "member": member,
            "link": f"{settings.HARK_PUBLIC_URL}{note.case.get_absolute_url()}#note-{note.pk}",
        }
        subject = _("%(name)s asks you about a case of %(brand)s") % {
            "name": note.member,
            "brand": note.case.brand,
        }
        send_later(
            to=member.user.email, subject=subject, body=render_to_string("cases/asked_mail.txt", context)
        )
