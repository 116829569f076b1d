"""A promise is made, remembered once by everybody who must, and kept or broken on the record."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Event
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.clocks import promises, reminding
from hark.clocks.models import Promise
from hark.journeys import closing, departure, reply
from hark.replies.actions import draft_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway where is my pushchair?")
    return only_case()


def promise(case, by, hours=4.0, **more):
    due_at = timezone.now() + timedelta(hours=hours)
    return promises.make(case, what="Call the workshop", due_at=due_at, by=by, **more)


def time_passes(row, hours):
    """As if it had been made so much earlier."""
    shift = timedelta(hours=hours)
    Promise.objects.filter(pk=row.pk).update(
        due_at=row.due_at - shift, remind_at=row.remind_at - shift, made_at=row.made_at - shift
    )


@pytest.fixture(autouse=True)
def _no_mail_of_earlier_stories(db):
    """Emptying Django's tables leaves those of the queue of jobs."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def mails():
    return ProcrastinateJob.objects.filter(queue_name="mail").count()


def answered(case, by):
    case.refresh_from_db()
    reply.queue(case, by=by, private=False, text="I call the workshop.", seen_version=case.version)
    while reply.deliver():
        pass
    case.refresh_from_db()


def test_from_the_draft_to_kept(case, tomas):
    pages = Pages(tomas)
    pages.post(
        f"cases/{case.pk}/draft/",
        to="public",
        text="I’m so sorry, Maya. I’ll call the workshop by Friday! Bye.",
    )
    form = pages.get(f"cases/{case.pk}/promise/", htmx=True)
    assert "I’ll call the workshop by Friday" in words_of(form)
    assert (
        form.context["form"].initial["until"].astimezone(ZoneInfo("Europe/Lisbon")).strftime("%a %H")
        == "Fri 18"
    )

    until = (timezone.now().astimezone(ZoneInfo("Europe/Lisbon")) + timedelta(days=2)).strftime(
        "%Y-%m-%dT17:00"
    )
    values = {"what": "Call the workshop", "until": until, "owner": tomas.pk, "press": uuid.uuid4()}
    for _press in range(2):
        assert pages.post(f"cases/{case.pk}/promise/", **values).status_code == 302
    made = Promise.objects.get()
    assert (made.owner, made.zone, made.due_at.astimezone(ZoneInfo("Europe/Lisbon")).hour) == (
        tomas,
        "Europe/Lisbon",
        17,
    )
    assert "Call the workshop" in pages.reads(f"cases/{case.pk}/")
    assert "Call the workshop" in pages.reads("promises/")
    assert "Call the workshop" in pages.reads(f"people/{case.person_id}/")

    assert pages.post(f"promises/{made.pk}/kept/").status_code == 302
    assert "Kept" in pages.reads("promises/?view=kept")
    assert "Tomas Oliveira kept a promise" in pages.reads(f"cases/{case.pk}/history/")
    again = pages.post(f"promises/{made.pk}/kept/", htmx=True)
    assert (again.status_code, "has settled this already" in words_of(again)) == (422, True)


def test_bad_input_loses_nothing(case, tomas):
    refused = Pages(tomas).post(
        f"cases/{case.pk}/promise/", what="Ring\0 them", until="1999-01-01T10:00", owner="0"
    )
    assert refused.status_code == 422
    assert "Ring" in words_of(refused)
    assert "in the past" in words_of(refused)
    assert not Promise.objects.exists()


def test_owner_then_lead_each_hear_once_and_the_case_comes_back(case, tomas, ines):
    answered(case, tomas)
    assert case.state == Case.State.ANSWERED
    made = promise(case, tomas)
    assert (reminding.remind_due(), mails()) == (0, 0)

    time_passes(made, 3.5)
    assert [reminding.remind_due() for _ in range(3)] == [1, 0, 0]
    assert mails() == 1
    case.refresh_from_db()
    made.refresh_from_db()
    assert (case.state, case.due_at) == (Case.State.WAITING, made.due_at)

    time_passes(made, 1)
    assert [reminding.remind_due() for _ in range(3)] == [1, 0, 0]
    assert mails() == 2  # the lead
    kinds = list(case.events.filter(kind__startswith="promise_").values_list("kind", flat=True))
    assert kinds == ["promise_due", "promise_late"]

    kept = promises.keep(made, by=tomas)
    assert kept.was_late
    case.refresh_from_db()
    assert (case.state, Promise.objects.kept().count(), Promise.objects.broken().count()) == (
        Case.State.ANSWERED,
        0,
        1,
    )


@pytest.mark.django_db(transaction=True)
def test_several_workers_remind_once(case, tomas, ines):
    """Eight workers wake at the same moment."""
    for made in [promise(case, tomas) for _ in range(5)]:
        time_passes(made, 5)
    start, told = threading.Barrier(8), []

    def work():
        start.wait()
        told.append(reminding.remind_due(most=2))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while reminding.remind_due():
        pass
    assert mails() == 10  # five to the owner, five to the lead
    assert Event.objects.filter(kind=Event.Kind.PROMISE_LATE).count() == 5


def test_another_time_is_told_to_the_customer_in_a_draft(case, tomas):
    made = promise(case, tomas)
    pages = Pages(tomas)
    pages.post(f"cases/{case.pk}/draft/", to="public", text="Half a sentence")
    refused = pages.post(f"promises/{made.pk}/anew/", until="2030-01-04T17:00", why="")
    assert refused.status_code == 422
    until = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT17:00")
    told = pages.post(f"promises/{made.pk}/anew/", until=until, why="The part is not here", htmx=True)
    assert "The words for the customer are in your draft" in words_of(told)
    written = draft_of(case, tomas, private=False)
    assert written.startswith("Half a sentence\n\nMaya, I told you: Call the workshop, by ")
    made.refresh_from_db()
    assert (made.state, made.why, made.followed_by.is_open) == ("moved", "The part is not here", True)
    with pytest.raises(NotPossible, match="settled"):
        promises.say_anew(made, by=tomas, due_at=timezone.now() + timedelta(days=9), why="again")


def test_no_book_is_closed_over_an_open_promise_without_a_name_and_a_reason(case, tomas):
    answered(case, tomas)
    made = promise(case, tomas)
    arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="nothing private about it")
    closing.resolve(case, by=tomas)
    case.refresh_from_db()
    with pytest.raises(NotPossible, match="Call the workshop"):
        closing.close_the_book(case, by=tomas, text="All good, Maya.", seen_version=case.version)

    pages = Pages(tomas)
    refused = pages.post(f"cases/{case.pk}/close-silently/", reason="they moved away")
    assert refused.status_code == 422
    assert "Why “Call the workshop” is not kept" in words_of(refused)
    pages.post(
        f"cases/{case.pk}/close-silently/", reason="they moved away", promise_reason="no longer wanted"
    )
    case.refresh_from_db()
    made.refresh_from_db()
    assert case.state == Case.State.CLOSED
    assert (made.state, made.settled_by, made.why) == ("let_go", tomas, "no longer wanted")


def test_a_promise_of_one_who_leaves_is_everybodys_and_the_lead_hears(case, tomas, ines):
    made = promise(case, tomas)
    ines.roles = [*ines.roles, "manager"]
    ines.save()
    departure.depart(tomas, by=ines)
    made.refresh_from_db()
    assert made.owner is None
    time_passes(made, 5)
    reminding.remind_due()
    assert mails() == 1


def test_a_promise_of_a_merged_case_stays_in_sight(case, practice, tomas):
    from hark.cases import regrouping

    promise(case, tomas)
    practice.says("omar", "And mine?")
    other = Case.objects.exclude(pk=case.pk).get()
    regrouping.merge(case, into=other, by=tomas)
    assert "Call the workshop" in Pages(tomas).reads(f"cases/{other.pk}/")


def test_only_who_answers_customers_promises(case, vera, pia, ruth, tomas):
    made = promise(case, tomas)
    assert Pages(vera).post(f"promises/{made.pk}/kept/").status_code == 403
    assert "Call the workshop" in Pages(vera).reads("promises/?view=open")
    with pytest.raises(NotPossible):
        promises.make(case, what="x", due_at=timezone.now() + timedelta(1), by=ruth)
    assert Pages(ruth).get("/b/ternway/promises/").status_code == 404
