"""People, and the profiles by which networks know them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Q, functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member, check_time_zone
from hark.brands.permissions import Permission
from hark.web.database.lookups import AnyOf, begins


class PersonRows(models.QuerySet["Person"]):
    def visible_to(self, member: Member) -> PersonRows:
        """People of the member's brand, for whoever reads all its cases; others reach a person through a case."""
        if member.is_local:
            return self.none()
        if member.may(Permission.READ_ALL_CASES) or (
            member.may(Permission.READ_TEAM_CASES) and member.brand.agents_see_all
        ):
            return self.filter(brand=member.brand_id, merged_into=None)
        return self.none()

    def named(self, name: str, brand_id: int) -> PersonRows:
        """Whose name has words that begin so, or whose handle does: two indexes, and what both find."""
        words = ["".join(letter for letter in word if letter.isalnum()) for word in name.split()]
        tsquery = " & ".join(f"{word}:*" for word in words if word)
        handle = begins(functions.Lower("handle"), name.lower())
        found: models.QuerySet[Any, Any] = Profile.objects.filter(handle, brand=brand_id).values("person")
        if tsquery:
            by_name = Person.objects.annotate(words=SearchVector("name", config="simple")).filter(
                brand=brand_id, words=SearchQuery(tsquery, search_type="raw", config="simple")
            )
            found = by_name.values("pk").union(found)
        return self.filter(AnyOf(models.F("pk"), ArraySubquery(found)))


class Person(models.Model):
    """A customer. One customer is one person, across networks (mission H6)."""

    class Place(models.TextChoices):
        """Where a customer likes to talk in private."""

        NETWORK = "network", _("private messages where they wrote")
        CHAT = "chat", _("our chat")
        EMAIL = "email", _("e-mail")
        SECURE = "secure", _("a secure page")

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="people", db_index=False, db_constraint=False
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    about = models.TextField(_("about"), blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default="", validators=[check_time_zone]
    )  # where they are, when somebody knows
    prefers = models.CharField(
        _("where they like to talk in private"),
        max_length=8,
        blank=True,
        default="",
        db_default="",
        choices=Place,
    )  # as somebody wrote it down; without it, where they came the last time
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())

    objects = PersonRows.as_manager()

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            models.Index(fields=["brand", "-id"], name="people_newest"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="people_merged"
            ),
            models.Index("brand", functions.Lower("name"), name="people_by_name"),
            GinIndex(SearchVector("name", config="simple"), name="people_by_word"),
        ]

    def __str__(self) -> str:
        return self.name or str(_("somebody"))

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in words[:2]).upper() if words else "?"


class Profile(models.Model):
    """A person's identity on one channel. Keyed by the network's own lasting id: handles change."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="profiles", db_constraint=False)
    channel = models.CharField(max_length=24)
    external_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=200, blank=True)
    avatar_url = models.TextField(blank=True)
    followers = models.BigIntegerField(null=True)
    verified = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "channel", "external_id"], name="one_profile_per_identity"
            )
        ]
        indexes = [
            models.Index(
                "brand", OpClass(functions.Lower("handle"), "text_pattern_ops"), name="profiles_by_handle"
            )
        ]

    def __str__(self) -> str:
        return self.handle or self.name or self.external_id


class Merge(models.Model):
    """Two people found to be one, by a person; undone by moving the profiles and cases named here back."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    kept = models.ForeignKey(Person, models.CASCADE, related_name="merges")
    gone = models.ForeignKey(Person, models.CASCADE, related_name="+")
    profiles = models.JSONField(default=list)  # ids moved
    cases = models.JSONField(default=list)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"
