"""Nothing is done twice: one press in two tabs, two agents at one moment, and a crash between two steps."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from hark.actions import declaring, running
from hark.actions.models import Run
from hark.brands.models import Brand
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Event
from hark.clocks import promises
from hark.clocks.models import Promise
from hark.journeys import move, reply, secure_page
from hark.moves.models import Move
from hark.replies.models import Reply
from hark.secure.models import SecurePage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(practice):
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway my pushchair is broken", name="Maya Lind")
    return Case.objects.get()


def at_once(*deeds):
    """What came of deeds that begin at the same moment: done, or told why not."""
    start, said = threading.Barrier(len(deeds)), []

    def do(deed):
        start.wait()
        try:
            deed()
            said.append("done")
        except NotPossible:
            said.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def verbs(case, press):
    """The same wish in each of the ways to a customer, as whoever presses."""
    seen = {"seen_version": case.version, "press": press}
    return {
        "reply": lambda by: reply.queue(case, by=by, private=False, text="I’m on it, Maya.", **seen),
        "move": lambda by: move.move_to_private(case, by=by, reason="details", text="Come, Maya.", **seen),
        "secure page": lambda by: secure_page.offer(
            case,
            by=by,
            reason="details",
            text="Maya, here:",
            private=True,
            wanted=secure_page.Wanted(),
            **seen,
        ),
        "promise": lambda by: promises.make(
            case, by=by, what="Call her", due_at=timezone.now() + timedelta(days=1), owner=by, press=press
        ),
        "action": lambda by: running.run(
            declaring.refund(case.brand, declaring.PRACTICE),
            case,
            by=by,
            values={"amount": Decimal(200), "reason": "taxi"},
            press=press,
        ),
    }


def rows():
    return [model.objects.count() for model in (Reply, Move, SecurePage, Promise, Run)]


ONE = {
    "reply": [1, 0, 0, 0, 0],
    "move": [1, 1, 0, 0, 0],
    "secure page": [1, 1, 1, 0, 0],
    "promise": [0, 0, 0, 1, 0],
    "action": [0, 0, 0, 0, 1],
}


@pytest.mark.parametrize("verb", ONE)
def test_one_press_in_four_tabs_at_the_same_moment(case, tomas, verb):
    declaring.refund(case.brand, declaring.PRACTICE)
    deed = verbs(case, uuid.uuid4())[verb]
    assert at_once(*[lambda: deed(tomas)] * 4) == ["done"] * 4
    assert rows() == ONE[verb]


@pytest.mark.parametrize("verb", ["reply", "move", "secure page"])
def test_of_two_agents_at_the_same_moment_one_reaches_the_customer(case, tomas, ines, verb):
    deeds = [
        lambda member=member: verbs(case, uuid.uuid4())[verb](member) for member in (tomas, ines)
    ]  # each with a form of their own
    assert at_once(*deeds) == ["done", "told"]
    assert rows() == ONE[verb]


@pytest.mark.parametrize(
    ("verb", "step"),
    [
        ("reply", "hark.journeys.reply.bus.publish"),
        ("move", "hark.journeys.move.record"),
        ("secure page", "hark.journeys.secure_page.record"),
        ("promise", "hark.clocks.promises.record"),
        ("action", "hark.actions.running.record"),
    ],
)
def test_a_crash_between_two_steps_leaves_nothing_and_the_same_press_works(
    case, tomas, monkeypatch, verb, step
):
    deed = verbs(case, uuid.uuid4())[verb]
    with monkeypatch.context() as patched:
        patched.setattr(step, lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deed(tomas)
    assert rows() == [0, 0, 0, 0, 0]
    deed(tomas)
    assert rows() == ONE[verb]


def test_a_promise_ends_once_whoever_says_so(case, tomas, ines):
    verbs(case, uuid.uuid4())["promise"](tomas)
    made = Promise.objects.get()
    deeds = [lambda: promises.keep(made, by=tomas), lambda: promises.keep(made, by=ines)]
    deeds.append(lambda: promises.break_it(made, by=tomas, why="No crew"))
    assert at_once(*deeds) == ["done", "told", "told"]
    assert case.events.filter(kind__in=[Event.Kind.PROMISE_KEPT, Event.Kind.PROMISE_BROKEN]).count() == 1


def test_of_those_who_may_say_yes_to_an_action_one_decides(case, tomas, ines, ternway):
    run = running.run(
        declaring.refund(ternway, declaring.PRACTICE),
        case,
        by=tomas,
        values={"amount": Decimal(300), "reason": "taxi"},
        press=uuid.uuid4(),
    )
    assert run.state == Run.State.APPROVAL
    deeds = [lambda: running.approve(run, by=ines)] * 2
    deeds.append(lambda: running.decline(run, by=ines, comment="No"))
    assert at_once(*deeds) == ["done", "told", "told"]
