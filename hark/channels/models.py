"""Accounts of the brand on networks, and the raw deliveries that arrive for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import PROBE, Brand, Location, Member
from hark.brands.permissions import Permission

from . import credentials
from .base import Connection
from .registry import network_of


def new_hook_key() -> str:
    return secrets.token_urlsafe(24)


def this_month() -> date:
    return timezone.now().astimezone(UTC).date().replace(day=1)


class AccountRows(models.QuerySet["Account"]):
    def visible_to(self, member: Member) -> AccountRows:
        """Accounts of the member's brand; nothing for somebody who reads no cases and manages no accounts."""
        if not any(member.may(p) for p in (Permission.READ_TEAM_CASES, Permission.MANAGE_ACCOUNTS)):
            return self.none()
        mine = self.filter(brand=member.brand_id)
        if member.is_local and not member.may(Permission.MANAGE_ACCOUNTS):
            return mine.filter(models.Q(location=None) | models.Q(location__in=member.locations.values("pk")))
        return mine

    def connected(self) -> AccountRows:
        return self.filter(disconnected_at=None)

    def of_people(self) -> AccountRows:
        """Without the probe's own (hark/ops/probing.py), which nobody collects or looks after."""
        return self.exclude(brand__slug=PROBE)


class Account(models.Model):
    """A brand's account on a channel: a handle, a Page, a widget. Credentials are encrypted at rest."""

    class Health(models.TextChoices):
        GOOD = "good", _("connected")
        CATCHING_UP = "catching_up", _("reading what was missed")
        TROUBLE = "trouble", _("trouble, trying again")
        RECONNECT = "reconnect", _("must be connected anew")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="accounts")
    location = models.ForeignKey(Location, models.SET_NULL, null=True, blank=True, related_name="accounts")
    channel = models.CharField(_("channel"), max_length=24)
    external_id = models.CharField(max_length=200)
    handle = models.CharField(_("handle"), max_length=200)
    name = models.CharField(_("name"), max_length=120, blank=True)
    hook_key = models.CharField(
        max_length=64, unique=True, default=new_hook_key
    )  # names the account, proves nothing
    encrypted = models.BinaryField(default=bytes, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    health = models.CharField(max_length=12, choices=Health, default=Health.GOOD)
    last_seen_at = models.DateTimeField(null=True)  # the network last answered
    last_message_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)
    token_expires_at = models.DateTimeField(null=True)
    told = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # what mail has said: expiry.py
    gap = models.CharField(max_length=200, blank=True)  # what is being read again, in words
    paused_until = models.DateTimeField(null=True)  # the network's rate limit
    spent_month = models.DateField(null=True)  # its first day, UTC
    spent_micros = models.BigIntegerField(default=0, db_default=0)  # what calls cost in that month
    connected_at = models.DateTimeField(default=timezone.now)
    disconnected_at = models.DateTimeField(null=True)

    objects = AccountRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "channel", "external_id"], name="one_account_per_identity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.handle} ({self.network.can.label})"

    @property
    def network(self) -> Any:
        return network_of(self.channel)

    @property
    def credentials(self) -> dict[str, Any]:
        return credentials.open_sealed(bytes(self.encrypted))

    def seal(self, values: Mapping[str, Any]) -> None:
        """Encrypt credentials with the newest key; not saved yet."""
        self.encrypted = credentials.seal(values)

    @property
    def spent_this_month(self) -> int:
        """What calls cost since the first of the month, in millionths of the network's currency."""
        return self.spent_micros if self.spent_month == this_month() else 0

    def spend(self, micros: int) -> None:
        """Count what calls cost; not saved yet."""
        self.spent_micros, self.spent_month = self.spent_this_month + micros, this_month()

    @property
    def hook_url(self) -> str:
        """Where the network posts what happens: names the account, proves nothing."""
        return f"{settings.HARK_PUBLIC_URL}/hooks/{self.hook_key}"

    def connection(self) -> Connection:
        return Connection(
            account_id=self.pk,
            external_id=self.external_id,
            handle=self.handle,
            credentials=self.credentials,
            settings=self.settings,
            capabilities=self.network.can,
            spent_micros=self.spent_this_month,
            hook_url=self.hook_url,
        )


class DeliveryRows(models.QuerySet["Delivery"]):
    def visible_to(self, member: Member) -> DeliveryRows:
        """Raw events hold private words: for those who run the accounts."""
        return self.filter(brand=member.brand_id) if member.may(Permission.MANAGE_ACCOUNTS) else self.none()

    def unreadable(self) -> DeliveryRows:
        return self.filter(state=Delivery.State.UNREADABLE)


class Delivery(models.Model):
    """One raw event, exactly as the network gave it: stored before anything else happens to it."""

    class State(models.IntegerChoices):
        WAITING = 0, _("waiting")
        READ = 1, _("read")
        UNREADABLE = 2, _("can't be read")
        BLANKED = 3, _("blanked, the customer deleted it")
        DISCARDED = 4, _("set aside for good, by a person")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    event_key = models.CharField(max_length=512)
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())
    state = models.PositiveSmallIntegerField(choices=State, default=State.WAITING, db_default=State.WAITING)
    problem = models.TextField(blank=True, default="", db_default="")
    is_history = models.BooleanField(default=False, db_default=False)  # imported: read after what is live
    recovered = models.BooleanField(default=False, db_default=False)  # missed at first, and read again

    objects = DeliveryRows.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["account", "event_key"], name="one_delivery_per_event")
        ]
        indexes = [
            models.Index(
                fields=["brand", "is_history", "id"], condition=models.Q(state=0), name="deliveries_waiting"
            ),
            models.Index(fields=["brand", "-id"], condition=models.Q(state=2), name="deliveries_unreadable"),
            BrinIndex(fields=["received_at"], name="deliveries_by_time"),  # the ledger; costs arrival nothing
        ]

    def __str__(self) -> str:
        return f"{self.event_key} for account {self.account_id}"


class Gap(models.Model):
    """A time in which nothing was heard of an account, and what reading it again brought."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="gaps", db_index=False)
    since = models.DateTimeField()  # when the network had last answered
    until = models.DateTimeField()  # when it answered again
    closed_at = models.DateTimeField(null=True)  # when all of it had been read
    found = models.PositiveIntegerField(default=0)  # events that nobody had delivered before
    last_error = models.TextField(blank=True)  # what was the trouble, as far as it is known

    class Meta:
        indexes = [models.Index(fields=["account", "-until"], name="gaps_of_account")]

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"


class Recount(models.Model):
    """One night's comparison with the network: messages of the discussions that lately moved, there and here."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recounts", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    threads = models.PositiveIntegerField(default=0)
    here = models.PositiveIntegerField(default=0)
    there = models.PositiveIntegerField(default=0)
    differing: Any = models.JSONField(default=list)  # [[thread, here, there]], the first hundred
    found = models.PositiveIntegerField(default=0)  # events that reading those again brought
    problem = models.TextField(blank=True)  # why it could not be counted

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="recounts_of_account")]

    def __str__(self) -> str:
        return f"{self.here} here, {self.there} there"


class Allowance(models.Model):
    """Units of a network's daily quota that were used: allowance.py."""

    name = models.CharField(max_length=200)
    day = models.DateField()  # in the network's own zone
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="one_allowance_a_day")]

    def __str__(self) -> str:
        return f"{self.name}: {self.used} on {self.day}"
