from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q, functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.customers.models import Profile

from .case import Case
from .thread import Thread


class Message(models.Model):
    """One thing said: inbound or outbound, public or private. Public or private is a property of each message.

    An edit keeps the earlier text in `earlier`; a deletion by the customer blanks text, media and search entry.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    thread = models.ForeignKey(
        Thread, models.CASCADE, related_name="messages", db_index=False, db_constraint=False
    )
    case = models.ForeignKey(
        Case, models.SET_NULL, null=True, related_name="messages", db_index=False, db_constraint=False
    )
    profile = models.ForeignKey(
        Profile, models.PROTECT, null=True, related_name="messages", db_index=False, db_constraint=False
    )
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+", db_index=False
    )  # who wrote it for us
    account_id_at = models.BigIntegerField()  # the account, for uniqueness without a join
    external_id = models.CharField(max_length=512)
    parent_external_id = models.CharField(max_length=512, blank=True, default="", db_default="")
    quote_external_id = models.CharField(max_length=512, blank=True, default="", db_default="")
    version = models.CharField(max_length=128, blank=True, default="", db_default="")
    outbound = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    lang = models.CharField(max_length=16, blank=True, default="", db_default="")
    url = models.TextField(blank=True, default="", db_default="")
    rating = models.PositiveSmallIntegerField(null=True)
    reactions = models.JSONField(default=dict, db_default={})
    facts = models.JSONField(default=dict, db_default={})  # what the adapter needs to answer it
    earlier = models.JSONField(default=list, db_default=[])  # [{"text", "until", "delivery"}], oldest first
    liked_at = models.DateTimeField(null=True)  # by the brand
    hidden_at = models.DateTimeField(
        null=True
    )  # by the brand: others don't see it there; here it stays as it is
    published_at = models.DateTimeField()
    arrived_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    delivery_id = models.BigIntegerField(
        null=True
    )  # the raw event it came from; those of edits stand in `earlier`
    search = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id_at", "external_id"], name="one_message_per_identity")
        ]
        indexes = [
            models.Index(fields=["case", "published_at", "id"], name="messages_of_case"),
            models.Index(fields=["thread", "published_at", "id"], name="messages_of_thread"),
            models.Index(fields=["profile"], name="messages_of_profile"),
            models.Index(
                fields=["brand", "-published_at"],
                condition=Q(outbound=True, private=False, parent_external_id=""),
                name="messages_own_posts",
            ),
            GinIndex(fields=["search"], name="messages_search", fastupdate=True, gin_pending_list_limit=1024),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def by_brand_elsewhere(self) -> bool:
        """Written as the brand, but not through Hark."""
        return self.outbound and self.member_id is None


class Media(models.Model):
    """A picture or file of a message. Copied at arrival where the network allows, since its links expire."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        VIDEO = "video", _("video")
        AUDIO = "audio", _("sound")
        FILE = "file", _("file")

    message = models.ForeignKey(Message, models.CASCADE, related_name="media")
    kind = models.CharField(max_length=8, choices=Kind)
    url = models.TextField()
    alt = models.TextField(blank=True, default="", db_default="")
    content_type = models.CharField(max_length=100, blank=True, default="", db_default="")
    stored = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )  # path below the media folder
    problem = models.CharField(max_length=200, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    copy_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=functions.Now()
    )  # null: copied or given up

    class Meta:
        verbose_name_plural = "media"
        indexes = [models.Index(fields=["copy_at"], condition=Q(copy_at__isnull=False), name="media_to_copy")]

    def __str__(self) -> str:
        return self.alt or self.kind
