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
from hark.cases.models import Case, Event, Message
from hark.channels import oauth
from hark.channels.abilities import Welcomes
from hark.channels.base import Author, Failure, Reach
from hark.channels.models import Account
from hark.moves.actions import hash_of, new_token
from hark.moves.models import Move
from hark.replies.actions import draft_of, save_draft
from hark.replies.counting import fits
from hark.replies.models import Reply

from .reply import queue

LINK_LASTS = timedelta(days=7)


def reach_of(case: Case) -> Reach:
    """Whether this customer can be invited to private from here, and by which mechanism; the reason when not.

    Asks the network; where it has no private messages for this person, the brand's own chat takes its place by a link, or,
    where an answer may hold no link, the brand's mailbox by its address.
    """
    post = _last_public(case)
    if post is None:
        return Reach(
            False, reason=_("There is no public post to answer: this conversation is private already.")
        )
    account = post.thread.account
    profile = post.profile
    if profile is None:
        return Reach(False, reason=_("The author of the post is not known."))
    try:
        reach: Reach = account.network.reach(
            oauth.connection(account), Author(profile.external_id, profile.handle, profile.name), post.facts
        )
    except Failure as failure:
        reach = Reach(False, reason=str(failure))
    if reach.possible:
        return reach
    if "address" in account.network.can.handoff:
        return Reach(True, mechanism="address", reason=reach.reason) if _mailbox_of(case) else reach
    return Reach(True, mechanism="link", reason=reach.reason) if _chat_of(case) else reach


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
    post = _last_public(case)
    limit = post.thread.account.network.can.public_text if post else None
    link = f"{settings.HARK_PUBLIC_URL}/c/{new_token()}"  # as long as the one that may stand below it
    return next((line for line in lines if limit is None or fits(f"{line} {link}", limit)), short)


def limits_of(case: Case, reach: Reach) -> list[str]:
    """What the way over can't do, and what it costs, in sentences for the agent."""
    post = _last_public(case)
    if post is None or not reach.possible:
        return []
    can = post.thread.account.network.can
    told = []
    if reach.mechanism == "private_reply" and can.reply_private_once:
        told.append(_("One private message only, until they answer it."))
    if can.window:
        hours = round(can.window / timedelta(hours=1))
        told.append(
            _("%(network)s lets us write for %(hours)s hours after their last message.")
            % {"network": can.label, "hours": hours}
        )
    if can.private_text:
        told.append(_("At most %(most)s characters a message.") % {"most": can.private_text.value})
    if post.thread.account.spent_this_month:
        told.append(_("%(network)s charges this account for what it sends.") % {"network": can.label})
    return told


def came_before(case: Case) -> str:
    """Where this customer followed an invitation before: the place that they seem to prefer. Empty when never."""
    before = (
        Move.objects.filter(case__person=case.person_id, followed_at__isnull=False)
        .exclude(case=case)
        .order_by("-followed_at")
        .first()
    )
    if before is None:
        return ""
    told = {"secure": _("They used a secure page before."), "link": _("They came to our chat before.")}
    return told.get(before.mechanism, _("They came to private messages there before."))


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
) -> Move:
    """Send the public line with the way over, and remember why. Raises NotPossible without a way or a reason."""
    if reason not in Move.Reason.values:
        raise NotPossible(_("Say why private is better for the customer."))
    reach = reach_of(case)
    if not reach.possible:
        raise NotPossible(reach.reason or _("There is no private way to this customer from here."))
    ours = reach.mechanism == "link" and not reach.url
    token = new_token() if ours or reach.mechanism in ("deep_link", "address") else ""
    url = reach.url + token  # a deep link carries it along
    if ours:
        url = f"{settings.HARK_PUBLIC_URL}/c/{token}"
    elif reach.mechanism == "address" and (mailbox := _mailbox_of(case)):
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
    record(case, Event.Kind.MOVED, by=by, why=str(move.get_reason_display()), mechanism=reach.mechanism)
    return move


def _last_public(case: Case) -> Message | None:
    return (
        case.messages.filter(outbound=False, private=False, deleted_at=None)
        .select_related("thread__account__brand", "profile")
        .order_by("-published_at", "-id")
        .first()
    )


def _mailbox_of(case: Case) -> Account | None:
    """The brand's own mailbox whose address can carry a token: one of the review's location before any other."""
    for account in _of_the_brand(case):
        network = account.network
        if isinstance(network, Welcomes) and network.address(account.connection(), ""):
            return account
    return None


def _chat_of(case: Case) -> Account | None:
    """The brand's own chat, where a link can lead: an account whose network takes hand-offs by link."""
    return next((account for account in _of_the_brand(case) if account.network.can.welcomes_links), None)


def _of_the_brand(case: Case) -> list[Account]:
    """Its accounts, those of the case's own location first."""
    accounts = Account.objects.connected().filter(brand=case.brand_id).order_by("id")
    return sorted(accounts, key=lambda account: account.location_id != case.location_id)
