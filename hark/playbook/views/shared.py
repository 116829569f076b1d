"""What every page of the playbook shows at its left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.playbook.models import Answer, Gap

reads = member_may(Permission.READ_PLAYBOOK)
suggests = member_may(Permission.SUGGEST_PLAYBOOK, Permission.CHANGE_PLAYBOOK)
changes = member_may(Permission.CHANGE_PLAYBOOK)
approves = member_may(Permission.APPROVE_ANSWERS)


@dataclass(frozen=True)
class Tab:
    href: str
    label: str
    current: bool
    count: int | None = None


def tabs(request: AgentRequest, current: str) -> list[Tab]:
    """Answers and open questions, with their numbers; a partner has the questions alone."""
    found = []
    if request.member.may(Permission.READ_PLAYBOOK):
        count = Answer.objects.filter(brand=request.brand, retired_at=None).count()
        found.append(
            Tab(
                reverse("playbook:answers", args=[request.brand.slug]),
                _("Answers"),
                current == "answers",
                count,
            )
        )
    waiting = Gap.objects.visible_to(request.member).open().count()
    found.append(
        Tab(
            reverse("playbook:gaps", args=[request.brand.slug]),
            _("Open questions"),
            current == "gaps",
            waiting,
        )
    )
    return found


def page_number(request: AgentRequest) -> int:
    given: Any = request.GET.get("page", "1")
    return min(int(given), 10_000) if given.isdecimal() and 0 < len(given) < 6 and int(given) else 1
