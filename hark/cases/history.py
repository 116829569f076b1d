"""Writing the history of a case: who, when, what, why."""

from typing import Any

from hark.brands.models import Member

from .models import Case, Event


def record(case: Case, kind: Event.Kind, *, by: Member | None = None, why: str = "", **detail: Any) -> Event:
    """One entry. `by` is None for what a customer or a network did."""
    return Event.objects.create(
        brand_id=case.brand_id, case=case, member=by, kind=kind, why=why, detail=detail
    )
