"""The care arc as a state machine: whatever is pressed in whatever order, the rules hold."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hark.cases import arc
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Step
from hark.journeys import closing


@given(st.sets(st.sampled_from(list(arc.ORDER))))
def test_the_next_step_is_the_first_open_one(reached):
    upcoming = arc.following(list(reached))
    assert upcoming not in reached
    assert upcoming is not None or len(reached) == 4
    if upcoming:
        assert all(step in reached for step in arc.ORDER if step < upcoming)


PRESSES = ["reach1", "reach2", "reach3", "reach4", "skip1", "skip2", "skip3", "reopen", "close"]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(30))
def test_no_order_of_presses_breaks_the_arc(practice, tomas, seed):
    chance = random.Random(seed)
    presses = chance.choices(PRESSES, k=12)
    practice.says("maya", "Hello")
    case = Case.objects.get()
    for press in presses:
        try:
            if press == "reopen":
                closing.reopen(case, by=tomas, why="again")
            elif press == "close":
                closing.close_silently(case, by=tomas, reason="done")
            elif press.startswith("reach"):
                arc.reach(case, Case.Arc(int(press[-1])), by=tomas)
            else:
                arc.skip(case, Case.Arc(int(press[-1])), by=tomas, reason="not needed")
        except NotPossible:
            pass
        case.refresh_from_db()
        live = Step.objects.filter(case=case, superseded_at=None)
        names = [step.name for step in live]
        assert len(names) == len(set(names))
        assert case.arc == max(names, default=0)
        assert all(step.reason for step in live if step.skipped)
        if Case.Arc.RESOLVED in names:
            assert {Case.Arc.ACKNOWLEDGED, Case.Arc.PRIVATE} <= set(names)
        assert all(step.took is None or step.took >= timedelta() for step in arc.steps(case))
