"""Seats offered by e-mail: invite, accept, withdraw."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.web.problems import NotPossible

from . import tokens
from .models import Brand, Invitation, InvitationRows, Member, User
from .seats import add_member, add_user, check_may_give, checked_roles

INVITATION_LASTS = timedelta(days=7)


def invite(brand: Brand, email: str, roles: Iterable[str], *, by: Member | None) -> tuple[Invitation, str]:
    """Offer a seat to an address; an earlier open offer to it is withdrawn. Answers the offer and the path of its link.

    The path is to be had only now: the database keeps a hash. `by` is None for the operator (`hark brand invite`).
    Raises NotPossible for somebody who has a seat already, and for roles that `by` may not give.
    """
    chosen = checked_roles(roles)
    email = email.strip().lower()
    if by is not None:
        if by.brand_id != brand.pk:
            raise NotPossible(_("That is another brand."))
        check_may_give(by, chosen)
    if Member.objects.active().filter(brand=brand, user__email__iexact=email).exists():
        raise NotPossible(_("%(email)s is a member already.") % {"email": email})
    token, token_hash = tokens.fresh()
    with transaction.atomic():
        Invitation.objects.open().filter(brand=brand, email__iexact=email).update(withdrawn_at=timezone.now())
        invitation = Invitation.objects.create(
            brand=brand,
            email=email,
            roles=chosen,
            token_hash=token_hash,
            invited_by=by,
            expires_at=timezone.now() + INVITATION_LASTS,
        )
    return invitation, reverse("brands:invitation", args=[token])


def find(token: str) -> Invitation:
    """The open invitation of a link. Raises NotPossible when it is used, withdrawn, late or unknown."""
    invitation = (
        Invitation.objects.select_related("brand", "invited_by__user")
        .filter(token_hash=tokens.hashed(token))
        .first()
    )
    if invitation is None:
        raise NotPossible(_("This link is not an invitation. Was it copied as a whole?"))
    _check_open(invitation)
    return invitation


def accept(token: str, user: User) -> Member:
    """Take the seat. Raises NotPossible as `find` does, and for a user whose address is not the invited one."""
    with transaction.atomic():
        found = find(token)
        invitation = Invitation.objects.select_for_update().select_related("brand").get(pk=found.pk)
        _check_open(invitation)  # again: somebody may have been quicker
        if user.email.lower() != invitation.email.lower():
            raise NotPossible(
                _("This invitation is for %(email)s. Sign out, then open the link again.")
                % {"email": invitation.email}
            )
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        return add_member(invitation.brand, user.email, invitation.roles)


def accept_as_new(token: str, *, name: str, password: str) -> User:
    """Make the user an invitation is for, and take the seat. Raises NotPossible where the address is known: sign in."""
    with transaction.atomic():
        invitation = find(token)
        zone = invitation.brand.time_zone
        user = add_user(invitation.email, name=name, password=password, time_zone=zone)
        accept(token, user)
    return user


def waiting(email: str) -> InvitationRows:
    """Every seat that is offered to this address now, in whatever brand."""
    return Invitation.objects.open().filter(email__iexact=email, expires_at__gt=timezone.now())


def accept_all(user: User) -> list[Member]:
    """Take every seat that is offered to this user's address. For an address that single sign-on has just proven."""
    with transaction.atomic():
        offers = list(waiting(user.email).select_related("brand").select_for_update(of=("self",)))
        Invitation.objects.filter(pk__in=[offer.pk for offer in offers]).update(accepted_at=timezone.now())
        return [add_member(offer.brand, user.email, offer.roles) for offer in offers]


def withdraw_invitation(invitation: Invitation) -> None:
    """The link stops working, now. An invitation that was accepted stays accepted."""
    Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=timezone.now())


def _check_open(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise NotPossible(_("This invitation has been accepted already. Sign in instead."))
    if invitation.withdrawn_at:
        raise NotPossible(_("This invitation was withdrawn. Ask for a new one."))
    if invitation.expires_at <= timezone.now():
        raise NotPossible(_("This invitation has ended: it held for seven days. Ask for a new one."))
