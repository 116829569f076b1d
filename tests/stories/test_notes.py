"""Questions to colleagues, beside the conversation and never in it."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from hark.brands.jobs import PURPOSE
from hark.brands.sealing import unseal
from hark.cases.actions import write_note
from hark.cases.models import Case

pytestmark = pytest.mark.django_db


def mails():
    return [unseal(job.args["sealed"], purpose=PURPOSE) for job in ProcrastinateJob.objects.order_by("id")]


def test_a_partner_who_is_asked_sees_that_case_alone_and_hears_of_it_by_mail(practice, tomas, pia):
    practice.says("maya", "My booking is wrong")
    practice.says("ola", "Something else")
    case = Case.objects.get(person__name="Maya")
    assert not Case.objects.visible_to(pia).exists()

    write_note(case, "@pia can the booking be changed?", by=tomas)

    assert list(Case.objects.visible_to(pia)) == [case]
    [mail] = mails()
    assert "pia@ternway.example" in mail
    assert f"/b/ternway/cases/{case.pk}/" in mail
    assert "booking is wrong" not in mail
    assert "can the booking" not in mail


def test_colleagues_in_the_console_get_no_mail_and_strangers_are_not_asked(practice, tomas, ines, ruth):
    practice.says("maya", "My booking is wrong")
    note = write_note(Case.objects.get(), "@ines @ruth see this, @nobody too", by=tomas)

    assert list(note.mentions.all()) == [ines]
    assert mails() == []
