"""Is an answer any good: how often it was said, by how many, and how many of those cases were settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q

from hark.brands.models import Member
from hark.cases.models import Case
from hark.replies.models import Reply

from .models import Answer, Use


@dataclass(frozen=True)
class Outcome:
    """Of replies that were sent. Shares are of cases, 0 to 100; None where nothing was said."""

    times: int
    members: int
    settled: int | None
    by_version: list[dict[str, Any]]


def outcome(answer: Answer) -> Outcome:
    """Two queries. A case counts as settled once it is resolved; docs/metrics.md#answers-of-record."""
    said = Use.objects.filter(answer=answer, reply__state=Reply.State.SENT)
    settled = Q(case__state__in=[Case.State.RESOLVED, Case.State.CLOSED])
    counts = {
        "times": Count("pk", distinct=True),
        "members": Count("member", distinct=True),
        "cases": Count("case", distinct=True),
        "settled": Count("case", filter=settled, distinct=True),
    }
    whole = said.aggregate(**counts)
    rows = said.values(number=F("version__number")).annotate(**counts, last=Max("at")).order_by("-number")
    return Outcome(
        whole["times"],
        whole["members"],
        _share(whole),
        [{**row, "share": _share(row)} for row in rows],
    )


def _share(counts: Any) -> int | None:
    return round(100 * counts["settled"] / counts["cases"]) if counts["cases"] else None


def went_well(answer: Answer, member: Member, limit: int = 3) -> list[Use]:
    """How it sounded in public where the case was settled since, newest first; of cases that the member may read."""
    return list(
        Use.objects.filter(
            answer=answer,
            private=False,
            reply__state=Reply.State.SENT,
            reply__message__deleted_at=None,
            case__state__in=[Case.State.RESOLVED, Case.State.CLOSED],
        )
        .filter(case__in=Case.objects.visible_to(member))
        .select_related("reply", "member__user", "case__person", "case__brand")
        .order_by("-at")[:limit]
    )
