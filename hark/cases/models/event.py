from __future__ import annotations

from django.db import models
from django.db.models import functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member

from .case import Case


class Event(models.Model):
    """An entry of the append-only history of a case: who, when, what, why. A trigger refuses UPDATE and DELETE of entries.

    `member` is null for what the customer or the network did.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("the case was opened")
        MESSAGE = "message", _("a message arrived")
        EDITED = "edited", _("the customer edited a message")
        DELETED = "deleted", _("the customer deleted a message")
        REPLIED = "replied", _("a reply was sent")
        REPLY_REFUSED = "reply_refused", _("a reply was refused")
        REPLY_WITHDRAWN = "reply_withdrawn", _("a reply was withdrawn")
        REPLY_EDITED = "reply_edited", _("a reply was corrected")
        REPLY_SETTLED = "reply_settled", _("somebody said whether a reply had arrived")
        HIDDEN = "hidden", _("a comment was hidden")
        SHOWN = "shown", _("a hidden comment was shown again")
        LIKED = "liked", _("a comment was liked")
        COACH_OVERRIDDEN = "coach_overridden", _("a hold of the coach was overridden")
        STEP = "step", _("a step of the care arc was reached")
        STEP_SKIPPED = "step_skipped", _("a step of the care arc was skipped")
        MOVED = "moved", _("the conversation was invited to private")
        FOLLOWED = "followed", _("the customer followed to private")
        PAGE_CLOSED = "page_closed", _("the secure page was closed")
        PAGE_ERASED = "page_erased", _("what was said on the secure page was erased")
        TRANSCRIPT = "transcript", _("the customer asked for the conversation by e-mail")
        REVEALED = "revealed", _("personal details were shown")
        ASSIGNED = "assigned", _("the case was assigned")
        UNASSIGNED = "unassigned", _("the case was handed back")
        SNOOZED = "snoozed", _("the case was snoozed")
        WOKEN = "woken", _("the case was woken")
        PRIORITY = "priority", _("the priority was changed")
        TEAM = "team", _("the team was changed")
        LOCATED = "located", _("the case went to another location")
        TAGGED = "tagged", _("a tag was added")
        UNTAGGED = "untagged", _("a tag was removed")
        NOTED = "noted", _("a note was written")
        MERGED = "merged", _("another case was merged into this one")
        SPLIT = "split", _("messages were split off")
        UNDONE = "undone", _("a change was undone")
        CLOSED_UNANSWERED = "closed_unanswered", _("closed without an answer")
        REOPENED = "reopened", _("the case was reopened")
        PROMISED = "promised", _("something was promised")
        PROMISE_DUE = "promise_due", _("a promise is due")
        PROMISE_LATE = "promise_late", _("a promise is late")
        PROMISE_KEPT = "promise_kept", _("a promise was kept")
        PROMISE_BROKEN = "promise_broken", _("a promise was broken")
        PROMISE_MOVED = "promise_moved", _("a promise was said anew")
        PROMISE_LET_GO = "promise_let_go", _("a promise was let go")
        PROMISE_GIVEN = "promise_given", _("a promise was given to somebody else")
        APPROVAL_ASKED = "approval_asked", _("a second person was asked")
        APPROVAL_LATE = "approval_late", _("nobody has looked at a reply that waits")
        APPROVED = "approved", _("a reply was approved")
        SENT_BACK = "sent_back", _("a reply was sent back to its author")
        ACTION_ASKED = "action_asked", _("an action was asked for")
        ACTION_APPROVED = "action_approved", _("an action was approved")
        ACTION_DECLINED = "action_declined", _("an action was declined")
        ACTION_DONE = "action_done", _("an action was done")
        ACTION_FAILED = "action_failed", _("an action was not done")
        ASKED_HOW_IT_WENT = "asked_how", _("the customer was asked how it went")
        IMPORTED = "imported", _("imported from an archive")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="events", db_constraint=False)
    at = models.DateTimeField(default=timezone.now, db_default=functions.Now())
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    why = models.TextField(blank=True, default="", db_default="")
    detail = models.JSONField(default=dict, db_default={})

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
