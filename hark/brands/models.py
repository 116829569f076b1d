"""Users, brands and members: the border of isolation. Everything below a brand belongs to exactly one."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from . import hours
from .permissions import READS, Permission, Role, allowed, role_names


class UserRows(BaseUserManager["User"]):
    """Makes users; Django asks for these two names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, by e-mail address; may be a member of several brands."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(
        _("colours"),
        max_length=8,
        default="system",
        choices=[("system", _("as my device")), ("light", _("light")), ("dark", _("dark"))],
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator of this installation"), default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserRows] = UserRows()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    @property
    def initials(self) -> str:
        words = (self.name or self.email.split("@")[0]).split()
        return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else words[0][:2].upper()


def check_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(zone)s” is not a known time zone."), params={"zone": value})


PROBE = "_probe"  # no slug that a person can give


class BrandRows(models.Manager["Brand"]):
    """Every brand but the one of the probe (hark/ops/probing.py), which belongs to nobody and is in no list."""

    def get_queryset(self) -> models.QuerySet[Brand]:
        return super().get_queryset().exclude(slug=PROBE)


class Brand(models.Model):
    """Whoever owns the accounts."""

    class Reopening(models.TextChoices):
        REOPEN = "reopen", _("the closed case reopens")
        NEW = "new", _("a new case begins")

    FIRST_RESPONSE_PRESETS = (5, 15, 30, 60, 120)  # minutes: mission T1

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name in addresses"), max_length=40, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_time_zone])
    first_response_minutes = models.PositiveIntegerField(_("first response within (minutes)"), default=30)
    reopening = models.CharField(
        _("when a customer writes again after the book was closed"),
        max_length=8,
        choices=Reopening,
        default=Reopening.REOPEN,
    )
    reopening_days = models.PositiveSmallIntegerField(_("reopen within (days)"), default=7)
    undo_seconds = models.PositiveSmallIntegerField(_("time to take a reply back (seconds)"), default=8)
    agents_see_all = models.BooleanField(_("agents see every case of the brand"), default=True)
    number_shapes = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("how booking and order numbers look"),
        default=list,
        blank=True,
    )  # hark/customers/personal_details.py
    voice = models.JSONField(default=dict, blank=True)  # how it wants to sound: hark/replies/voice.py
    created_at = models.DateTimeField(default=timezone.now)

    objects = BrandRows()
    everything = models.Manager["Brand"]()

    def __str__(self) -> str:
        return self.name

    @property
    def first_response_target(self) -> timedelta:
        return timedelta(minutes=self.first_response_minutes)

    def later(self, at: datetime, span: timedelta, place: Location | None = None) -> datetime:
        """When so much time has passed since `at`: in the hours of this place of business, or around the clock."""
        if place is None:
            return at + span
        return hours.later(place.hours, place.time_zone or self.time_zone, at, span)


class LocationRows(models.QuerySet["Location"]):
    def visible_to(self, member: Member) -> LocationRows:
        return self.filter(brand=member.brand_id)

    def seen_by(self, member: Member) -> LocationRows:
        """Those whose cases the member sees: their own, or all for somebody who belongs to none."""
        mine = self.visible_to(member)
        return mine.filter(members=member) if member.is_local else mine


class Location(models.Model):
    """A place of business of the brand (mission H5): its accounts, its cases, its people, its hours."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="locations")
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", validators=[check_time_zone]
    )  # "": the brand's
    hours = models.JSONField(default=list, blank=True)  # a week of spans (hours.py); []: not known

    objects = LocationRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_location_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def open_now(self) -> str:
        """Open or closed, in a few words; "" when the hours are not known."""
        return hours.told(self.hours, self.time_zone or self.brand.time_zone, timezone.now())


class TeamRows(models.QuerySet["Team"]):
    def visible_to(self, member: Member) -> TeamRows:
        return self.filter(brand=member.brand_id)


class Team(models.Model):
    """Members who answer for a department or place."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=60)

    objects = TeamRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_team_per_name")]

    def __str__(self) -> str:
        return self.name


class MemberRows(models.QuerySet["Member"]):
    def active(self) -> MemberRows:
        return self.filter(left_at=None, user__is_active=True)

    def visible_to(self, member: Member) -> MemberRows:
        return self.filter(brand=member.brand_id)


class Member(models.Model):
    """A person of the team in one brand. May hold several roles: rights add up."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=16, choices=Role), verbose_name=_("roles"))
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    locations = models.ManyToManyField(Location, related_name="members", blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MemberRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "user"], name="one_membership_per_brand")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def role_names(self) -> list[str]:
        return role_names(self.roles)

    def may(self, permission: Permission) -> bool:
        return self.left_at is None and allowed(self.roles, permission)

    @property
    def reads_cases(self) -> bool:
        return any(map(self.may, READS))

    @cached_property
    def is_local(self) -> bool:
        """Whether they belong to some of the brand's locations, and so see only what is of these (`visible_to`)."""
        return self.locations.exists()

    @property
    def first_page(self) -> str:
        """The name of the page where this member's work begins: who only runs the brand reads no cases."""
        return "cases:queue" if self.reads_cases else "brands:settings"

    @cached_property
    def rights(self) -> dict[str, bool]:
        """Every permission by name, for templates: `{% if member.rights.reply %}`."""
        return {permission.value: self.may(permission) for permission in Permission}


class InvitationRows(models.QuerySet["Invitation"]):
    def open(self) -> InvitationRows:
        """Neither accepted nor withdrawn; it may be late."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def visible_to(self, member: Member) -> InvitationRows:
        if not member.may(Permission.MANAGE_MEMBERS):
            return self.none()
        return self.filter(brand=member.brand_id)


class Invitation(models.Model):
    """A seat offered to an e-mail address. The link works once and for seven days; only its hash is stored."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    roles = ArrayField(models.CharField(max_length=16, choices=Role), verbose_name=_("roles"))
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationRows.as_manager()

    def __str__(self) -> str:
        return self.email

    @property
    def role_names(self) -> list[str]:
        return role_names(self.roles)


class SignInLink(models.Model):
    """A one-time way in, printed for the operator (`hark link`). Short-lived; only its hash is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.user_id}"
