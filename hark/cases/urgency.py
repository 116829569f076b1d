"""What hurts next: the order of the queue (docs/metrics.md#what-hurts-next)."""

from datetime import datetime, timedelta

from .models import Case

# By which share of the target a priority moves a case forward or back in the order. The clock itself does not move.
SHARE = {
    Case.Priority.URGENT: 0.0,
    Case.Priority.HIGH: 0.5,
    Case.Priority.NORMAL: 1.0,
    Case.Priority.LOW: 4.0,
}


def hurts_at(since: datetime, target: timedelta, priority: int) -> datetime:
    """When waiting since `since` begins to hurt. Urgent hurts at once, low after four times the target."""
    return since + target * SHARE[Case.Priority(priority)]
