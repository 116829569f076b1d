"""What hurts next: the order of the queue (docs/metrics.md#what-hurts-next)."""

from collections.abc import Iterable
from datetime import datetime

from hark.brands.models import Brand, Location

from .models import Case

# By which share of the target a priority moves a case forward or back in the order. The clock itself does not move.
SHARE = {
    Case.Priority.URGENT: 0.0,
    Case.Priority.HIGH: 0.5,
    Case.Priority.NORMAL: 1.0,
    Case.Priority.LOW: 4.0,
}


def hurts_at(since: datetime, priority: int, brand: Brand, place: Location | None = None) -> datetime:
    """When waiting since `since` begins to hurt. Urgent hurts at once, low after four times the target."""
    return brand.later(since, brand.first_response_target * SHARE[Case.Priority(priority)], place)


def keep_hours(case_ids: Iterable[int]) -> None:
    """What is due, and what hurts, on those of these cases that are open: after a case moved, or its wait did."""
    rows = Case.objects.filter(pk__in=list(case_ids)).open()
    cases = list(rows.select_related("brand", "location"))
    for case in cases:
        since = case.last_customer_at if case.first_reply_at else case.opened_at
        case.hurts_at = hurts_at(since, case.priority, case.brand, case.location)
        case.due_at = case.first_response_due if case.due_at else None
    Case.objects.bulk_update(cases, ["hurts_at", "due_at"], batch_size=1000)
