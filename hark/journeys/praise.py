"""Somebody said something kind: it is marked as praise, liked where the network can, and thanked for by a person."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Message
from hark.channels.abilities import Likes
from hark.replies.actions import draft_of, save_draft

from .closing import close_silently
from .correcting import like


class Then(models.TextChoices):
    """What comes after the mark."""

    THANK = "thank", gettext_lazy("thank them")
    RETELL = "retell", gettext_lazy("thank them, and ask whether we may retell it")
    CLOSE = "close", gettext_lazy("close it: no answer is needed")


def newest(case: Case) -> Message | None:
    """What the customer said last."""
    said = case.messages.filter(outbound=False, deleted_at=None).select_related("thread__account")
    return said.order_by("-published_at", "-id").first()


def can_like(message: Message | None) -> bool:
    network = message.thread.account.network if message else None
    return bool(
        message and network and network.can.like and isinstance(network, Likes) and not message.liked_at
    )


def take(case: Case, *, by: Member, likes: bool, then: str) -> Message | None:
    """Mark, like, and prepare a draft or close. The message that it was about; doing it twice marks and likes once.

    Raises NotPossible, with nothing marked, when a draft stands there already or the network does not take the like.
    """
    if not by.may(Permission.REPLY):
        raise NotPossible(_("Your role does not answer customers."))
    message = newest(case)
    private = bool(message and message.private)
    if then != Then.CLOSE and draft_of(case, by, private):
        raise NotPossible(_("You are writing there already. Send that first, or empty it."))
    if likes and message and can_like(message):
        like(message, by=by)
    with transaction.atomic():
        cases.add_tag(case, _("praise"), by=by)
        if then == Then.CLOSE:
            close_silently(case, by=by, reason=_("Praise: no answer is needed."))
        else:
            save_draft(case, by, private=private, text=_line(case, retell=then == Then.RETELL))
    return message


def _line(case: Case, *, retell: bool) -> str:
    """Words to begin from: what the customer liked is the agent's to name."""
    name = case.person.name.split(" ")[0] if case.person.name else ""
    thanks = _("Thank you, %(name)s!") % {"name": name} if name else _("Thank you!")
    line = f"{thanks} " + _("It is good to hear this, and I’ll pass it on to the people you mean.")
    if retell:
        line += " " + _("May we tell others what you wrote, with your first name? Only if you say so.")
    return line
