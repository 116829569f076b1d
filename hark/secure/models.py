"""The secure page: a short-lived private place for one case, and what a brand asks there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case, Message
from hark.channels.networks.secure.adapter import Secure
from hark.moves.models import Move

FACTS = ["Order number", "Postcode"]


class Rules(models.Model):
    """How long the secure pages of a brand last, and what a customer is asked before one opens."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="+")
    link_hours = models.PositiveSmallIntegerField(
        _("hours in which the link must be opened"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 14)],
    )
    open_days = models.PositiveSmallIntegerField(
        _("days that the page stays open"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    keep_days = models.PositiveSmallIntegerField(
        _("days after closing until what was said there is erased"),
        default=30,
        validators=[MaxValueValidator(3650)],
    )
    facts = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    always_check = models.BooleanField(_("no page without a check, also in private"), default=False)

    def __str__(self) -> str:
        return f"secure pages of {self.brand_id}"

    @classmethod
    def of(cls, brand: Brand) -> Rules:
        """The brand's own, or the usual ones; not saved."""
        return cls.objects.filter(brand=brand).first() or cls(brand=brand, facts=list(FACTS))


class AskedFormRows(models.QuerySet["AskedForm"]):
    def visible_to(self, member: Member) -> AskedFormRows:
        return self.filter(brand=member.brand_id)


class AskedForm(models.Model):
    """A form that the brand defines: what customers fill in on a secure page. Its lines: hark/secure/asking.py."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    lines = models.TextField(_("questions"), max_length=4000)

    objects = AskedFormRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_asked_form_per_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SecurePageRows(models.QuerySet["SecurePage"]):
    def visible_to(self, member: Member) -> SecurePageRows:
        return self.filter(case__in=Case.objects.visible_to(member))

    def shut(self) -> SecurePageRows:
        """Closed by somebody, or past their time."""
        now = timezone.now()
        return self.filter(
            Q(closed_at__isnull=False) | Q(closes_at__lte=now) | Q(opened_at=None, open_until__lte=now)
        )


class SecurePage(models.Model):
    """One link, one device, one case. Of the link's token, the device's key and all answers only hashes are stored."""

    class Proof(models.TextChoices):
        NONE = "none", _("no check: whoever opens the link first has it")
        EMAIL = "email", _("a code by e-mail")
        FACTS = "facts", _("what only they know")

    class ClosedBy(models.TextChoices):
        CUSTOMER = "customer", _("by the customer")
        US = "us", _("by us")
        GUESSES = "guesses", _("after too many wrong answers")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="secure_pages")
    move = models.OneToOneField(Move, models.CASCADE, related_name="secure_page")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    wish = models.TextField(_("what we ask for"), max_length=1000, blank=True)
    form_name = models.CharField(max_length=60, blank=True)
    form_lines = models.TextField(blank=True)  # as the form was when it was asked
    proof = models.CharField(max_length=8, choices=Proof, default=Proof.NONE)
    email = models.CharField(max_length=254, blank=True)
    facts = models.JSONField(default=list)  # [[question, hash of the right answer]], in their order
    misses = models.PositiveSmallIntegerField(default=0)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    open_until = models.DateTimeField()  # the link, while nobody has opened it
    closes_at = models.DateTimeField()
    keep_days = models.PositiveSmallIntegerField()
    device_hash = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=8, choices=ClosedBy, blank=True)
    erased_at = models.DateTimeField(null=True)

    objects = SecurePageRows.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(erased_at=None), name="secure_pages_to_erase"),
        ]

    def __str__(self) -> str:
        return self.name_of_thread

    @property
    def name_of_thread(self) -> str:
        """What its conversation and its customer are called on the channel."""
        return f"page:{self.pk}"

    @property
    def is_shut(self) -> bool:
        now = timezone.now()
        late = self.opened_at is None and self.open_until <= now
        return self.closed_at is not None or self.closes_at <= now or late

    @property
    def shut_since(self) -> datetime:
        """When it closed, or will."""
        ends = self.closes_at if self.opened_at else min(self.open_until, self.closes_at)
        return min(self.closed_at, ends) if self.closed_at else ends

    @property
    def erase_at(self) -> datetime:
        return self.shut_since + timedelta(days=self.keep_days)

    def messages(self) -> models.QuerySet[Message]:
        """What was said on this page, and on no other."""
        return Message.objects.filter(
            thread__account__brand=self.brand_id,
            thread__account__channel=Secure.slug,
            thread__external_id=self.name_of_thread,
            private=True,
        )
