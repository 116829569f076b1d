"""How soon a process that fell is started again."""

from __future__ import annotations

import signal

import pytest

from hark.ops import child
from hark.ops.child import Child


@pytest.fixture
def web(monkeypatch) -> Child:
    made = Child("web", lambda: None, signal.SIGKILL)
    made.clock = 1000.0
    monkeypatch.setattr(child.time, "monotonic", lambda: made.clock)
    return made


def falls_after(web: Child, seconds: float) -> float:
    web.started_at = web.clock
    web.clock += seconds
    return web.fell()


def test_quick_falls_double_the_pause_and_never_shut_the_door_for_five_seconds(web):
    assert [falls_after(web, 0.1) for _ in range(6)] == [0.5, 1, 2, 3, 3, 3]


def test_who_has_done_its_work_for_a_while_is_forgiven(web):
    for _ in range(6):
        falls_after(web, 0.1)
    assert falls_after(web, child.STEADY_SECONDS + 1) == 0.5


def test_it_is_due_when_its_pause_is_over(web):
    falls_after(web, 0.1)
    assert not web.is_due()
    web.clock += 0.5
    assert web.is_due()
