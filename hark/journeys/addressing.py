"""Where a reply to a case goes: the account, the thread, and the message it answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hark.cases.errors import NotPossible
from hark.cases.models import Case, Message, Thread
from hark.channels.models import Account
from hark.channels.networks.secure.adapter import Secure
from hark.secure.models import SecurePage

WE_BEGIN = {"direct_dm", "direct_visibility"}  # ways to private in which the first private word may be ours


@dataclass(frozen=True)
class Address:
    account: Account
    thread: Thread | None  # None: a private conversation that the adapter opens
    parent: Message | None


def address(case: Case, *, private: bool) -> Address:
    """The customer's last message on that side, and its account. Raises NotPossible with the reason when there is none.

    In private without a conversation yet, the account of the public post opens one if its network lets it; where private is
    only a narrower audience of the same thread (`direct_visibility`), the public post is what it answers.
    """
    heard = (
        case.messages.filter(outbound=False, deleted_at=None)
        .exclude(thread__in=_closed_pages(case))
        .select_related("thread__account__brand", "profile")
        .order_by("-published_at", "-id")
    )
    parent = heard.filter(private=private).first()
    if parent is None and private:
        return _opening(case, heard.first())
    if parent is None:
        raise NotPossible(
            _("The customer has written only in private: there is no public post to answer.")
            if heard.exists()
            else _("The customer has taken the post down: there is nothing left to answer in public.")
        )
    _can(parent.thread.account, private)
    return Address(parent.thread.account, parent.thread, parent)


def _closed_pages(case: Case) -> list[int]:
    """Conversations of secure pages that nobody can open any more: what is written there is read by nobody."""
    names = [page.name_of_thread for page in SecurePage.objects.shut().filter(case=case)]
    if not names:
        return []
    rows = Thread.objects.filter(brand=case.brand_id, account__channel=Secure.slug, external_id__in=names)
    return list(rows.values_list("pk", flat=True))


def _opening(case: Case, last: Message | None) -> Address:
    if last is None:
        raise NotPossible(_("There is nobody to write to: the customer has taken everything down."))
    account = last.thread.account
    _can(account, True)
    ours = case.messages.filter(private=True, thread__account=account).select_related("thread").last()
    can = account.network.can
    if ours is None and can.reply_private_once:  # one private answer to the public item begins it
        return Address(account, None, last)
    begins = WE_BEGIN & set(can.handoff)
    if ours is None and not begins:
        raise NotPossible(
            _("On %(network)s a private conversation begins with the customer. Invite them first.")
            % {"network": can.label}
        )
    return Address(account, ours.thread if ours else None, last if "direct_visibility" in begins else None)


def _can(account: Account, private: bool) -> None:
    can = account.network.can
    if account.disconnected_at is not None:
        raise NotPossible(_("%(account)s is no longer connected.") % {"account": account.handle})
    if not can.can_reply("private" if private else "public"):
        raise NotPossible(
            (
                _("%(network)s can't be answered in private.")
                if private
                else _("%(network)s can't be answered in public.")
            )
            % {"network": can.label}
        )
