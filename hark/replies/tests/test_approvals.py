"""A second person looks; what they said yes to leaves, to the letter, once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from conftest import member
from hark.cases.errors import NotPossible
from hark.cases.models import Event
from hark.cases.tests.pages import Pages, words_of
from hark.channels.networks.practice.models import Post
from hark.journeys import reply as journey
from hark.replies import actions, approving
from hark.replies.models import Approval, Reply

pytestmark = pytest.mark.django_db
SORRY = "Maya, I’m so sorry your father was hurt. How is his arm tonight?"


def asks(case, by, text=SORRY):
    case.refresh_from_db()
    journey.queue(case, by=by, private=False, text=text, seen_version=case.version)
    return Approval.objects.waiting().get()


def deliver_all():
    while journey.deliver():
        pass


def published():
    return [post.text for post in Post.objects.filter(persona=None).order_by("id")]


def yes(approval, by, **more):
    approval.case.refresh_from_db()
    return approving.approve(approval, by=by, **{"seen_version": approval.case.version, **more})


def test_from_the_composer_to_the_network(case, tomas, ines):
    pages = Pages(tomas)
    sent = pages.post(
        f"cases/{case.pk}/reply/", htmx=True, to="public", text=SORRY, seen_version=case.version
    )
    assert "waits for a second person" in words_of(sent)
    deliver_all()
    assert published() == []
    assert "Waits for a second person. Sensitive: injury" in pages.reads(f"cases/{case.pk}/")
    assert pages.get("approvals/").status_code == 403
    assert "waiting" not in pages.get("approvals/count/", htmx=True).content.decode()

    lead = Pages(ines)
    page = lead.reads("approvals/")
    assert SORRY in page
    assert "hot coffee went over my father’s arm" in page
    assert "1 waiting" in lead.get("approvals/count/", htmx=True).content.decode()
    approval = Approval.objects.get()
    case.refresh_from_db()
    for _press in range(2):  # a double click: the second is told who was quicker
        answer = lead.post(f"approvals/{approval.pk}/yes/", seen_version=case.version)
    assert answer.status_code == 422
    assert "was quicker: approved" in words_of(answer)
    deliver_all()
    assert published() == [SORRY]
    assert "Ines Faria said yes to a reply" in pages.reads(f"cases/{case.pk}/history/")
    assert SORRY in lead.reads("approvals/?view=decided")


def test_the_approver_sees_what_the_coach_said(case, tomas, ines):
    asks(case, tomas, "Maya, I’m sorry that hurt you. How can I help you today?")
    page = Pages(ines).reads("approvals/")
    assert "Checked Their name" in page
    assert "Offers help" in page


def test_nobody_approves_their_own_neither_by_the_page_nor_in_the_table(case, ines, tomas):
    approval = asks(case, ines)
    with pytest.raises(NotPossible, match="their own"):
        yes(approval, ines)
    with pytest.raises(NotPossible, match="does not approve"):
        yes(approval, tomas)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.update(state="approved", decided_by=ines)


def test_words_that_changed_after_the_yes_do_not_leave(case, tomas, ines):
    approval = yes(asks(case, tomas), ines)
    Reply.objects.filter(batch=approval.batch).update(text="We admit everything.")
    deliver_all()
    row = Reply.objects.get()
    assert (published(), row.state, row.failure_code) == ([], Reply.State.REFUSED, "approval")
    actions.retry(row, by=tomas)
    deliver_all()
    assert published() == []

    actions.withdraw(Reply.objects.get(), by=tomas)  # changed and sent anew, it is asked for anew
    again = asks(case, tomas, "We admit everything.")
    assert again.pk != approval.pk
    deliver_all()
    assert published() == []


def test_a_row_that_slips_into_the_queue_unapproved_is_stopped_at_the_door(case, tomas):
    asks(case, tomas)
    Reply.objects.update(state=Reply.State.QUEUED)
    deliver_all()
    assert (published(), Reply.objects.get().failure_code) == ([], "approval")


def test_changed_by_the_approver_the_changed_words_leave_and_the_first_ones_stay_on_record(case, tomas, ines):
    approval = asks(case, tomas)
    changed = SORRY.replace("tonight", "now")
    Pages(ines).post(f"approvals/{approval.pk}/yes/", seen_version=case.version, text=changed)
    deliver_all()
    approval.refresh_from_db()
    assert (published(), approval.asked_text) == ([changed], SORRY)
    assert Event.objects.get(kind=Event.Kind.APPROVED).detail["changed"] is True

    long = Pages(ines).post(f"approvals/{approval.pk}/yes/", seen_version="x", text="kept words")
    assert long.status_code == 422


def test_back_to_its_author_as_a_draft_with_a_word_why(case, tomas, ines):
    approval = asks(case, tomas)
    actions.save_draft(case, tomas, private=False, text="another thought")
    lead = Pages(ines)
    refused = lead.post(f"approvals/{approval.pk}/back/", comment=" ")
    assert refused.status_code == 422
    assert SORRY in words_of(refused)
    lead.post(f"approvals/{approval.pk}/note/", comment="Do we know which flight?")
    assert "Do we know which flight?" in lead.reads("approvals/")
    lead.post(f"approvals/{approval.pk}/back/", comment="Offer the call first")
    assert actions.draft_of(case, tomas, False) == f"{SORRY}\n\nanother thought"
    assert "sent a reply back: Offer the call first" in Pages(tomas).reads(f"cases/{case.pk}/")
    deliver_all()
    assert published() == []


def test_what_the_customer_says_meanwhile_is_read_before_the_yes(case, practice, tomas, ines):
    approval = asks(case, tomas)
    seen = case.version
    practice.says("maya", "He is in hospital now", thread="m1")
    answer = Pages(ines).post(f"approvals/{approval.pk}/yes/", seen_version=seen)
    assert answer.status_code == 422
    assert "Something new was said" in words_of(answer)
    assert "He is in hospital now" in words_of(answer)
    yes(approval, ines)
    deliver_all()
    assert published() == [SORRY]


def test_its_author_takes_it_back_and_nobody_can_say_yes_any_more(case, tomas, ines):
    approval = asks(case, tomas)
    Pages(tomas).post(f"replies/{Reply.objects.get().pk}/take-back/")
    with pytest.raises(NotPossible, match="taken back"):
        yes(approval, ines)


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_the_same_moment_one_decides(case, tomas, ines, ternway):
    aino = member(ternway, "Aino Laine", "approver")
    approval = asks(case, tomas)
    start, said = threading.Barrier(4), []

    def decide(deed):
        start.wait()
        try:
            deed()
            said.append("done")
        except NotPossible:
            said.append("told")
        connection.close()

    deeds = [
        lambda: yes(Approval.objects.get(pk=approval.pk), ines),
        lambda: yes(Approval.objects.get(pk=approval.pk), aino),
        lambda: yes(Approval.objects.get(pk=approval.pk), ines),
        lambda: approving.send_back(Approval.objects.get(pk=approval.pk), by=aino, comment="No"),
    ]
    threads = [threading.Thread(target=decide, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "told", "told", "told"]
    deliver_all()
    approval.refresh_from_db()
    assert len(published()) == (approval.state == "approved")


def test_a_crash_in_the_middle_of_the_yes_changes_nothing(case, tomas, ines, monkeypatch):
    approval = asks(case, tomas)
    monkeypatch.setattr(approving, "record", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        yes(approval, ines)
    monkeypatch.undo()
    deliver_all()
    approval.refresh_from_db()
    assert (approval.state, published()) == ("waiting", [])
    yes(approval, ines)
    deliver_all()
    assert published() == [SORRY]


def test_nobody_looks_and_everybody_who_may_hears_once(case, tomas, ines):
    asks(case, tomas)
    assert approving.escalate_due() == 0
    Approval.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert [approving.escalate_due() for _ in range(2)] == [1, 0]
    assert ProcrastinateJob.objects.filter(queue_name="mail").count() == 1
    assert Event.objects.get(kind=Event.Kind.APPROVAL_LATE).why == "Told: Ines Faria."


def test_an_approvers_own_words_are_coached_as_anybodys(case, tomas, ines):
    approval = asks(case, tomas)
    lead, worse = Pages(ines), "Maya, it was our mistake. We dropped it."
    held = lead.post(f"approvals/{approval.pk}/yes/", seen_version=case.version, text=worse)
    assert held.status_code == 422
    assert worse in words_of(held)
    assert "accepts fault" in words_of(held)
    assert "Send it all the same, because" in words_of(held)
    deliver_all()
    assert published() == []

    lead.post(
        f"approvals/{approval.pk}/yes/", seen_version=case.version, text=worse, why_held="Legal has agreed"
    )
    deliver_all()
    assert published() == [worse]
    assert "Legal has agreed" in lead.reads(f"cases/{case.pk}/history/")
