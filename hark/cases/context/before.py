"""What was before: a customer's other cases with how they ended, and what the brand has said last in public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from hark.brands.models import Member
from hark.cases.models import Case, Message, Resolution

CASES, POSTS = 4, 3
POSTED_WITHIN = timedelta(days=14)
ANSWERS_LOOKED_AT = (
    3000  # messages of everybody, the newest: where no post of ours is found, our answers among them
)


@dataclass(frozen=True)
class Before:
    """Other cases of the customer, newest first, each with `ended` (its last outcome, or None)."""

    cases: list[Case]
    more: bool


@dataclass(frozen=True)
class Posts:
    """What stands in public beside the answer that is being written. `own`: posts; otherwise answers to other people."""

    said: list[Message]
    own: bool


def cases_of(case: Case, member: Member) -> Before:
    """One query."""
    ended = Resolution.objects.filter(case=OuterRef("pk")).order_by("-id").values("outcome")[:1]
    rows = (
        Case.objects.visible_to(member)
        .filter(person=case.person_id)
        .exclude(state=Case.State.MERGED)
        .exclude(pk=case.pk)
        .annotate(outcome=Subquery(ended))
        .order_by("-last_activity_at", "-id")
    )
    found = list(rows[: CASES + 1])
    for other in found:
        outcome: str | None = other.outcome  # type: ignore[attr-defined]
        other.ended = Resolution.Outcome(outcome).label if outcome else None  # type: ignore[attr-defined]
    return Before(found[:CASES], len(found) > CASES)


def latest_posts(case: Case, member: Member) -> Posts:
    """The brand's own posts of the last days; without any, its latest public answers on other cases. Three queries at most."""
    public = Message.objects.filter(brand=case.brand_id, outbound=True, private=False, deleted_at=None)
    public = public.exclude(text="").select_related("thread__account")
    since = timezone.now() - POSTED_WITHIN
    own = public.filter(parent_external_id="", published_at__gt=since).order_by("-published_at")
    if said := list(own[:POSTS]):
        return Posts(said, own=True)
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    answers = public.filter(pk__gt=newest - ANSWERS_LOOKED_AT, published_at__gt=since).exclude(case=case.pk)
    answers = answers.filter(case__in=Case.objects.visible_to(member).values("pk"))
    return Posts(list(answers.order_by("-pk")[:POSTS]), own=False)
