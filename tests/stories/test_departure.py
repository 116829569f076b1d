"""Somebody leaves the team."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hark.cases.actions import assign
from hark.cases.models import Case, Event

pytestmark = pytest.mark.django_db


def test_the_open_cases_of_one_who_leaves_are_everybodys_again(practice, client, ines, tomas):
    practice.says("maya", "Help")
    case = Case.objects.get()
    assign(case, tomas, by=ines)
    client.force_login(ines.user)

    answer = client.post(reverse("brands:remove_member", args=["ternway", tomas.pk]), follow=True)

    assert "1 open case is everybody’s again." in answer.content.decode()
    case.refresh_from_db()
    assert case.assignee is None
    assert Event.objects.filter(case=case, kind=Event.Kind.UNASSIGNED, why__contains="has left").exists()
    assert not Case.objects.visible_to(type(tomas).objects.get(pk=tomas.pk)).exists()
