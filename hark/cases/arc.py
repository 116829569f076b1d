"""The care arc: acknowledged in public → moved to private → resolved → book closed (mission P1).

The milestones come in this order. One is reached by doing it, or skipped by a person with a reason; nothing is ever
skipped silently. Reopening supersedes the later ones and keeps their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.cases.errors import NotPossible

from .history import record
from .models import Case, Event, Message, Step

ORDER: tuple[Case.Arc, ...] = (
    Case.Arc.ACKNOWLEDGED,
    Case.Arc.PRIVATE,
    Case.Arc.RESOLVED,
    Case.Arc.BOOK_CLOSED,
)


@dataclass(frozen=True)
class ArcStep:
    """A milestone as a page shows it. `state`: done, private (done, in private), skipped, next, later."""

    name: Case.Arc
    label: str
    state: str
    at: datetime | None = None
    took: timedelta | None = None
    reason: str = ""
    by: Member | None = None


def following(reached: Sequence[int]) -> Case.Arc | None:
    """The first milestone that is still open; None when the book is closed. Pure: the state machine itself."""
    return next((step for step in ORDER if step not in reached), None)


def gaps(reached: Sequence[int], step: Case.Arc) -> list[Case.Arc]:
    """Milestones before `step` that were neither reached nor skipped."""
    return [earlier for earlier in ORDER if earlier < step and earlier not in reached]


def live_steps(case: Case) -> list[Step]:
    return [step for step in case.steps.select_related("by__user") if step.superseded_at is None]


def next_step(case: Case) -> Case.Arc | None:
    return following([step.name for step in live_steps(case)])


def steps(case: Case) -> list[ArcStep]:
    """The four milestones in order, for the top of the case. One query."""
    done = {step.name: step for step in live_steps(case)}
    upcoming = following(list(done))
    shown: list[ArcStep] = []
    before = case.opened_at
    for name in ORDER:
        step = done.get(name)
        label = str(name.label)
        if step is None:
            shown.append(ArcStep(name, label, "next" if name == upcoming else "later"))
            continue
        state = "skipped" if step.skipped else "private" if name == Case.Arc.PRIVATE else "done"
        shown.append(
            ArcStep(name, label, state, step.at, max(step.at - before, timedelta()), step.reason, step.by)
        )
        before = max(before, step.at)
    return shown


def reach(
    case: Case,
    name: Case.Arc,
    *,
    by: Member | None,
    message: Message | None = None,
    at: datetime | None = None,
    why: str = "",
) -> Step | None:
    """Note that a milestone was reached; None when it had been before. Raises NotPossible when an earlier one is open.

    Acknowledged and private may be reached by what happens (a first reply, a private conversation); resolving and
    closing ask for the earlier ones, reached or skipped.
    """
    reached = [step.name for step in live_steps(case)]
    if name in reached:
        return None
    if name >= Case.Arc.RESOLVED and (missing := gaps(reached, name)):
        raise NotPossible(
            _("First: %(steps)s. Do it, or skip it and say why.")
            % {"steps": ", ".join(str(step.label) for step in missing)}
        )
    step = Step.objects.create(
        brand_id=case.brand_id, case=case, name=name, by=by, message=message, at=at or timezone.now()
    )
    _advance(case, name)
    record(case, Event.Kind.STEP, by=by, why=why, step=name.value)
    return step


def skip(case: Case, name: Case.Arc, *, by: Member, reason: str) -> Step:
    """Pass over a milestone, with a reason that a person put their name to. Raises NotPossible without one."""
    reason = reason.strip()
    if not reason:
        raise NotPossible(_("Say in a few words why this step is skipped."))
    reached = [step.name for step in live_steps(case)]
    if name in reached:
        raise NotPossible(_("This step was reached already."))
    if name == Case.Arc.BOOK_CLOSED:
        raise NotPossible(_("The last step can't be skipped: close the book silently, with a reason."))
    if missing := gaps(reached, name):
        raise NotPossible(_("First: %(steps)s.") % {"steps": ", ".join(str(step.label) for step in missing)})
    step = Step.objects.create(
        brand_id=case.brand_id, case=case, name=name, by=by, skipped=True, reason=reason
    )
    _advance(case, name)
    record(case, Event.Kind.STEP_SKIPPED, by=by, why=reason, step=name.value)
    return step


def supersede(case: Case, since: Case.Arc) -> int:
    """Set aside the milestones from `since` on, because the case goes on; how many there were."""
    count = case.steps.filter(name__gte=since, superseded_at=None).update(superseded_at=timezone.now())
    reached = [step.name for step in live_steps(case)]
    case.arc = max(reached, default=0)
    case.save(update_fields=["arc"])
    return count


def _advance(case: Case, name: Case.Arc) -> None:
    case.arc = max(case.arc, name)
    case.save(update_fields=["arc"])
