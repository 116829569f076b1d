"""What became of the moves to private: by reason, and whether the customer followed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import READS
from hark.cases.models import Case
from hark.moves.models import Move

DAYS = 30
LISTED = 50


@require_safe
@member_may(*READS)
def figures(request: AgentRequest) -> HttpResponse:
    """The last thirty days: every reason with its share followed, those that only hide named as such, and who has not come."""
    mine = Case.objects.visible_to(request.member)
    moves = Move.objects.filter(case__in=mine, at__gte=timezone.now() - timedelta(days=DAYS))
    counted = {
        row["reason"]: row
        for row in moves.order_by()
        .values("reason")
        .annotate(count=Count("pk"), followed=Count("pk", filter=Q(followed_at__isnull=False)))
    }
    rows = [
        {
            "label": label,
            "hides": value == Move.Reason.CALM,
            "count": counted[value]["count"],
            "followed": counted[value]["followed"],
            "share": round(100 * counted[value]["followed"] / counted[value]["count"]),
        }
        for value, label in Move.Reason.choices
        if value in counted
    ]
    total = sum(row["count"] for row in rows)
    hiding = sum(row["count"] for row in rows if row["hides"])
    waiting = moves.filter(followed_at=None, case__state__lt=Case.State.RESOLVED).exclude(
        expires_at__lte=timezone.now()
    )
    context = {
        "rows": rows,
        "total": total,
        "hiding": hiding,
        "hiding_share": round(100 * hiding / total) if total else 0,
        "waiting": waiting.select_related("case__person", "by__user").order_by("at")[:LISTED],
        "days": DAYS,
        "place": "moves",
    }
    return render(request, "moves/figures.html", context)
