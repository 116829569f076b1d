"""Brands and the seats in them: who may work there, with which roles."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hark.web.problems import NotPossible

from .models import Brand, Member, User
from .permissions import Permission, Role

OWNER_ROLES = (Role.ADMINISTRATOR, Role.MANAGER)  # an administrator alone reads no cases


def add_brand(name: str, *, slug: str = "", owner: User | None = None, time_zone: str = "UTC") -> Brand:
    """A new brand, its owner its first administrator. Without a slug one is made from the name."""
    name = name.strip()
    if not name:
        raise NotPossible(_("A brand needs a name."))
    if slug and Brand.objects.filter(slug=slug).exists():
        raise NotPossible(_("Another brand is already called “%(slug)s” in addresses.") % {"slug": slug})
    with transaction.atomic():
        brand = Brand.objects.create(name=name, slug=slug or _free_slug(name), time_zone=time_zone)
        if owner:
            Member.objects.create(brand=brand, user=owner, roles=list(OWNER_ROLES))
    return brand


def add_member(brand: Brand, email: str, roles: Iterable[str], *, name: str = "") -> Member:
    """The seat of whoever has this address: a new user (without a password) where there is none; who left comes back.

    For the operator and for an accepted invitation: nobody is asked. People are asked by `invite`.
    """
    chosen = checked_roles(roles)
    email = email.strip().lower()
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        user = user or add_user(email, name=name, time_zone=brand.time_zone)
        member, _made = Member.objects.update_or_create(
            brand=brand, user=user, defaults={"roles": chosen, "left_at": None}
        )
    return member


def add_user(
    email: str, *, name: str = "", password: str | None = None, operator: bool = False, time_zone: str = "UTC"
) -> User:
    """Somebody new who signs in. Their address counts as proven: an invitation reached it, or the operator vouches.

    Raises NotPossible where the address is known already.
    """
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise NotPossible(_("%(email)s is known already.") % {"email": email})
    rights = {"is_staff": operator, "is_superuser": operator}
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name, time_zone=time_zone, **rights)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def change_roles(member: Member, roles: Iterable[str], *, by: Member) -> None:
    """Give the member exactly these roles. Raises NotPossible for the last administrator, and where `by` may not."""
    chosen = checked_roles(roles)
    with transaction.atomic():
        held = _locked(member)
        _check_may_manage(by, held.brand_id, {*held.roles} ^ {*chosen})
        if Role.ADMINISTRATOR not in chosen:
            _check_not_last_administrator(held)
        held.roles = chosen
        held.save(update_fields=["roles"])
    member.roles = chosen


def remove_member(member: Member, *, by: Member) -> None:
    """Take the seat away, at once; what the member did stays theirs. Raises NotPossible for the last administrator."""
    with transaction.atomic():
        held = _locked(member)
        _check_may_manage(by, held.brand_id, {*held.roles})
        _check_not_last_administrator(held)
        if held.left_at is None:
            held.left_at = timezone.now()
            held.save(update_fields=["left_at"])
            held.teams.clear()
            held.locations.clear()
    member.left_at = held.left_at


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Known roles, each once, in the order of the table. Raises NotPossible for none or an unknown one."""
    asked = {str(role) for role in roles}
    if not asked:
        raise NotPossible(_("Choose at least one role."))
    if unknown := asked - {*Role.values}:
        raise NotPossible(_("There is no role “%(role)s”.") % {"role": ", ".join(sorted(unknown))})
    return [role for role in Role.values if role in asked]


def check_may_give(by: Member, roles: Iterable[str]) -> None:
    """Who manages members may give every role but administrator; that one comes from administrators alone."""
    if not by.may(Permission.MANAGE_MEMBERS):
        raise NotPossible(_("You may not manage members."))
    if Role.ADMINISTRATOR in {*roles} and Role.ADMINISTRATOR not in by.roles:
        raise NotPossible(_("Only an administrator can make or unmake an administrator."))


def _check_may_manage(by: Member, brand_id: int, roles: Iterable[str]) -> None:
    if by.brand_id != brand_id:
        raise NotPossible(_("That is a member of another brand."))
    check_may_give(by, roles)


def _locked(member: Member) -> Member:
    """The member as the database has it now. Locks the brand: two administrators can't unseat each other at once."""
    Brand.objects.select_for_update().get(pk=member.brand_id)
    return Member.objects.select_related("brand").get(pk=member.pk)


def _check_not_last_administrator(member: Member) -> None:
    if Role.ADMINISTRATOR not in member.roles or member.left_at is not None:
        return
    others = Member.objects.active().filter(brand=member.brand_id, roles__contains=[Role.ADMINISTRATOR])
    if not others.exclude(pk=member.pk).exists():
        raise NotPossible(_("A brand keeps at least one administrator. Make somebody else one first."))


def _free_slug(name: str) -> str:
    """`slugify(name)`, with a number where that is taken."""
    stem = slugify(name)[:34].strip("-") or "brand"
    taken = {*Brand.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    return next(
        slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken
    )
