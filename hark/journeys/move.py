"""From public to private: one press sends the public line that carries the network's own way over (mission P2, P3)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.customers import actions as customers
from hark.moves.actions import hash_of, new_token
from hark.moves.models import Move
from hark.replies.actions import draft_of, save_draft
from hark.replies.counting import fits
from hark.replies.models import Reply

from .reply import queue
from .ways import choose, last_public, mailbox_of

LINK_LASTS = timedelta(days=7)


def invitation(case: Case) -> str:
    """A public line to begin from: by name, nothing personal asked, and short where the network is. The agent makes it theirs."""
    name = case.person.name.split(" ")[0] if case.person.name else ""
    greeting = (
        _("%(name)s, I’d like to sort this out with you properly.") % {"name": name}
        if name
        else _("I’d like to sort this out with you properly.")
    )
    short = _("Could we go on in private?")
    lines = (
        greeting + " " + _("Could we go on in private, so that your details stay yours?"),
        _("%(name)s, could we go on in private?") % {"name": name} if name else short,
        short,
    )
    post = last_public(case)
    limit = post.thread.account.network.can.public_text if post else None
    link = f"{settings.HARK_PUBLIC_URL}/c/{new_token()}"  # as long as the one that may stand below it
    return next((line for line in lines if limit is None or fits(f"{line} {link}", limit)), short)


@transaction.atomic
def prepare_reminder(move: Move, *, by: Member) -> None:
    """A draft that reminds the customer, once. Raises NotPossible when they came, or it was prepared already."""
    row = Move.objects.select_for_update(of=("self",)).select_related("case__person", "reply").get(pk=move.pk)
    if not row.waits or row.reminded_at:
        raise NotPossible(_("There is nothing to remind them of: they came, or it was prepared already."))
    if draft_of(row.case, by, False):
        raise NotPossible(_("You are writing in public already. Send that first, or empty it."))
    name = row.case.person.name.split(" ")[0] if row.case.person.name else ""
    line = _("the way to us in private is still open whenever it suits you.")
    text = f"{name}, {line}" if name else line[:1].upper() + line[1:]
    save_draft(
        row.case, by, private=False, text=f"{text} {row.reply.handoff_url if row.reply else ''}".strip()
    )
    row.reminded_at = timezone.now()
    row.save(update_fields=["reminded_at"])


@transaction.atomic
def move_to_private(
    case: Case,
    *,
    by: Member,
    reason: str,
    text: str,
    seen_version: int,
    confirmed: bool = False,
    press: uuid.UUID | None = None,
    place: str = "",
    remember: bool = False,
) -> Move:
    """Send the public line with the way over, and remember why. Raises NotPossible without a way or a reason.

    `place`: where to (customers.Person.Place); without one where the customer prefers, else what the network has.
    `remember`: the customer prefers that place, from now on.
    """
    if reason not in Move.Reason.values:
        raise NotPossible(_("Say why private is better for the customer."))
    chosen, reach = choose(case, place)
    if not reach.possible:
        raise NotPossible(reach.reason or _("There is no private way to this customer from here."))
    ours = reach.mechanism == "link" and not reach.url
    token = new_token() if ours or reach.mechanism in ("deep_link", "address") else ""
    url = reach.url + token  # a deep link carries it along
    if ours:
        url = f"{settings.HARK_PUBLIC_URL}/c/{token}"
    elif reach.mechanism == "address" and (mailbox := mailbox_of(case)):
        url = mailbox.network.address(mailbox.connection(), token)
    rows = queue(
        case,
        by=by,
        private=False,
        text=text if not url else f"{text.rstrip()} {url}",
        seen_version=seen_version,
        confirmed=confirmed,
        press=press,
        purpose=Reply.Purpose.INVITE,
        handoff=reach.mechanism,
        handoff_url=url,
    )
    if before := Move.objects.filter(reply=rows[-1]).first():
        return before  # the same press
    move = Move.objects.create(
        brand_id=case.brand_id,
        case=case,
        by=by,
        reason=reason,
        mechanism=reach.mechanism,
        token_hash=hash_of(token) if token else "",
        expires_at=timezone.now() + LINK_LASTS if token else None,
        reply=rows[-1],
    )
    if remember:
        customers.prefer(case.person_id, chosen)
    record(case, Event.Kind.MOVED, by=by, why=str(move.get_reason_display()), mechanism=reach.mechanism)
    return move
