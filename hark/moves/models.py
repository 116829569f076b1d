"""From public to private, for the customer's sake."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case, Thread
from hark.replies.models import Reply


class Move(models.Model):
    """A hand-off from public to private: why, how, and whether the customer followed (mission P2, P3)."""

    class Reason(models.TextChoices):
        DETAILS = "details", _("personal details are needed")
        ROOM = "room", _("it needs room to explain")
        SAFETY = "safety", _("for the customer's safety")
        WISH = "wish", _("the customer asked for it")
        MONEY = "money", _("it is about money or a contract")
        CALM = (
            "calm",
            _("to get it out of public view"),
        )  # shows up in the numbers: it helps us, not the customer

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="moves")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(_("why this helps the customer"), max_length=8, choices=Reason)
    mechanism = models.CharField(max_length=24)
    token_hash = models.CharField(
        max_length=64, blank=True, db_index=True
    )  # of the link, where the mechanism is one
    expires_at = models.DateTimeField(null=True)
    reply = models.ForeignKey(Reply, models.SET_NULL, null=True, related_name="+")
    thread = models.ForeignKey(Thread, models.SET_NULL, null=True, related_name="+")
    followed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)  # the one reminder was prepared

    REMIND_AFTER = timedelta(hours=4)

    def __str__(self) -> str:
        return f"{self.get_reason_display()} by {self.mechanism}"

    @property
    def waits(self) -> bool:
        """The customer has not come yet, and still can."""
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.followed_at is None and not over

    @property
    def wants_reminder(self) -> bool:
        """Long enough unfollowed for one reminder, which was not prepared yet."""
        return self.waits and self.reminded_at is None and timezone.now() - self.at >= self.REMIND_AFTER
