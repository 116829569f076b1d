"""Answers of record: what is approved to be said, its versions, where it was said, and questions nobody has settled yet."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

from django.db import models
from django.db.models import Q, functions
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.brands.permissions import Permission
from hark.cases.models import Case
from hark.replies.models import Reply

from .content import Content

EXPIRES_SOON = timedelta(days=14)


class AnswerRows(models.QuerySet["Answer"]):
    def visible_to(self, member: Member) -> AnswerRows:
        """Answers that this member may read: the one way in for every view."""
        if not member.may(Permission.READ_PLAYBOOK):
            return self.none()
        return self.filter(brand=member.brand_id)

    def holding(self, day: date) -> AnswerRows:
        """Approved, not retired, and within their time on that day: these may be said."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day),
            Q(valid_until=None) | Q(valid_until__gte=day),
            retired_at=None,
            current__isnull=False,
        )


class Answer(models.Model):
    """A question and the answer of record to it. What it says stands in its versions; `current` is the approved one."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="answers")
    title = models.CharField(_("question"), max_length=120)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    valid_from = models.DateField(_("holds from"), null=True, blank=True)
    valid_until = models.DateField(_("holds until"), null=True, blank=True)
    current = models.ForeignKey("Version", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    retired_why = models.TextField(blank=True)

    objects = AnswerRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "brand",
                functions.Lower("title"),
                condition=Q(retired_at=None),
                name="one_answer_per_question",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playbook:answer", args=[self.brand.slug, self.pk])

    def state(self, day: date | None = None) -> str:
        """retired, unapproved, early, over, ending (within two weeks) or holds."""
        day = day or timezone.localdate()
        if self.retired_at:
            return "retired"
        if self.current_id is None:
            return "unapproved"
        if self.valid_from and self.valid_from > day:
            return "early"
        if self.valid_until and self.valid_until < day:
            return "over"
        return "ending" if self.valid_until and self.valid_until <= day + EXPIRES_SOON else "holds"


class Version(models.Model):
    """What an answer says, once written never changed. It counts from its approval on."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kept = models.JSONField()  # content.Content
    why = models.CharField(_("what changed"), max_length=200, blank=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    press = models.UUIDField(null=True)  # of the form that wrote it: pressing it twice writes once

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["brand", "press"], condition=Q(press__isnull=False), name="one_version_per_press"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} {self.number}"

    @cached_property
    def content(self) -> Content:
        return Content.of(self.kept)


class Term(models.Model):
    """A word by which an answer is found: see suggesting.py. Only what may be said has terms."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="terms")
    word = models.CharField(max_length=100)
    weight = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["brand", "word"], include=["answer", "weight"], name="answers_by_word")
        ]

    def __str__(self) -> str:
        return self.word


class Use(models.Model):
    """An answer put into a reply: of a draft while `reply` is null. Keeps the facts as they were said.

    `facts` is [{"name", "value"}]: what stood in the sent text.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, related_name="uses")
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="uses", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="answer_uses")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    private = models.BooleanField()
    reply = models.ForeignKey(Reply, models.CASCADE, null=True, related_name="answer_uses")
    facts = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "member", "private", "answer"],
                condition=Q(reply=None),
                name="one_use_per_draft",
            ),
            models.UniqueConstraint(
                fields=["reply", "answer"], condition=Q(reply__isnull=False), name="one_use_per_reply"
            ),
        ]
        indexes = [models.Index(fields=["answer", "-at"], name="uses_of_answer")]

    def __str__(self) -> str:
        return f"{self.answer_id} on {self.case_id}"


class Suggestion(models.Model):
    """What somebody thinks an answer should say instead, and what became of that."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="suggestions")
    text = models.TextField(_("what would be better"), max_length=2000)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken = models.BooleanField(null=True)  # null while nobody has looked
    closed_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.text[:60]


class GapRows(models.QuerySet["Gap"]):
    def visible_to(self, member: Member) -> GapRows:
        """A partner sees what they were asked; whoever reads the playbook sees all."""
        mine = self.filter(brand=member.brand_id)
        if member.may(Permission.READ_PLAYBOOK):
            return mine
        return mine.filter(asked=member) if member.may(Permission.ANSWER_QUESTION) else self.none()

    def open(self) -> GapRows:
        return self.filter(answered_at=None)


class Gap(models.Model):
    """A question of customers to which no answer of record exists: asked of a colleague, with a due time (mission A5)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="gaps")
    question = models.CharField(_("question"), max_length=120)
    detail = models.TextField(_("what they should know"), max_length=2000, blank=True)
    asked = models.ForeignKey(Member, models.PROTECT, related_name="gaps_asked")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    press = models.UUIDField()
    answered_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.OneToOneField(Answer, models.SET_NULL, null=True, related_name="gap")

    objects = GapRows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "press"], name="one_gap_per_press")]
        indexes = [
            models.Index(fields=["brand", "due_at"], condition=Q(answered_at=None), name="gaps_open"),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("playbook:gap", args=[self.brand.slug, self.pk])


class Waiting(models.Model):
    """A case whose customer waits for the answer to a gap; `reply` is the one that told them."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    gap = models.ForeignKey(Gap, models.CASCADE, related_name="waiting")
    case = models.ForeignKey(Case, models.CASCADE, related_name="gaps_waited")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    prepared_at = models.DateTimeField(null=True)  # the draft with the answer lies in the case
    reply = models.ForeignKey(Reply, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gap", "case"], name="one_wait_per_case")]

    def __str__(self) -> str:
        return f"{self.case_id} for {self.gap_id}"
