"""The practice network's own books: what it would keep on its servers if it were somebody else's."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone


class World(models.Model):
    """One brand's corner of the practice network: its handle, the clock, and what goes wrong on demand."""

    external_id = models.CharField(
        max_length=100, unique=True
    )  # the brand's account, as the network names it
    handle = models.CharField(max_length=100)
    name = models.CharField(max_length=120)
    seed = models.CharField(max_length=60)
    pace = models.FloatField(default=1.0)  # 2.0: twice as fast as written in the scenarios
    is_live = models.BooleanField(default=True)  # follows the wall clock; False: only `advance` moves it
    clock = models.DateTimeField(default=timezone.now)  # played up to here
    next_arrival_at = models.DateTimeField(null=True)  # null: nobody comes by themselves
    arrivals = models.PositiveIntegerField(default=0)
    patience = models.PositiveIntegerField(default=30)  # with so many unanswered, nobody new comes
    idempotent = models.BooleanField(
        default=True
    )  # False: the same key twice makes two posts, as on lesser networks
    faults = models.JSONField(default=list, blank=True)  # [{"kind": …, "seconds": …}], used up one a call

    def __str__(self) -> str:
        return f"{self.handle} on the practice network"


class Persona(models.Model):
    """Somebody invented, with a steady profile."""

    world = models.ForeignKey(World, models.CASCADE, related_name="personas")
    external_id = models.CharField(max_length=100)
    handle = models.CharField(max_length=100)
    name = models.CharField(max_length=120)
    followers = models.PositiveIntegerField(default=0)
    open_dm = models.BooleanField(default=True)  # False: has to be invited by a link

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["world", "external_id"], name="one_persona_per_identity")
        ]

    def __str__(self) -> str:
        return self.name


class Play(models.Model):
    """One scenario being played."""

    world = models.ForeignKey(World, models.CASCADE, related_name="plays")
    number = models.PositiveIntegerField()
    scenario = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    thread = models.CharField(max_length=100, blank=True)  # its public discussion
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["world", "number"], name="one_play_per_number")]

    def __str__(self) -> str:
        return f"{self.scenario} ({self.number})"


class Post(models.Model):
    """Something said here, in public or in private; `persona` is null for what the brand said."""

    world = models.ForeignKey(World, models.CASCADE, related_name="posts")
    external_id = models.CharField(max_length=100)
    play = models.ForeignKey(Play, models.CASCADE, null=True, related_name="posts")
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="posts")
    to = models.ForeignKey(Persona, models.SET_NULL, null=True, related_name="+")  # whom the brand answered
    key = models.CharField(max_length=100, blank=True)  # of the brand's client, for what it sent
    ref = models.CharField(max_length=200, blank=True)  # the token of a hand-off link: sent, or brought along
    thread = models.CharField(max_length=512)
    parent = models.CharField(
        max_length=512, blank=True
    )  # may name a post of a webhook that is not in these books
    private = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    lang = models.CharField(max_length=16, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    pictures = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    likes = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["world", "external_id"], name="one_post_per_identity")]
        indexes = [
            models.Index(fields=["world", "key"], condition=~Q(key=""), name="practice_posts_by_key"),
            models.Index(fields=["world", "thread"], name="practice_posts_by_thread"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Act(models.Model):
    """Something a persona will do: at a time, or once the brand has done what `waits_for` says."""

    play = models.ForeignKey(Play, models.CASCADE, related_name="acts")
    number = models.PositiveSmallIntegerField()
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="acts")
    script: Any = models.JSONField()  # the act as the scenario file has it
    waits_for = models.CharField(max_length=12, blank=True)
    due_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=100, blank=True)  # external id of the brand's post that set it off
    done_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "number"], name="one_act_per_number")]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(done_at=None, dropped_at=None, due_at__isnull=False),
                name="practice_acts_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.script.get('does')} of {self.play}"


class Change(models.Model):
    """An entry of the network's feed, in the order in which it can be read. Its id is the reader's cursor."""

    world = models.ForeignKey(World, models.CASCADE, related_name="changes", db_index=False)
    key = models.CharField(max_length=140)
    raw = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["world", "id"], name="practice_changes_in_order")]

    def __str__(self) -> str:
        return self.key
