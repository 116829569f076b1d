"""A member leaves the brand, and nobody's customer is left with them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from hark.brands.actions import remove_member
from hark.brands.models import Member
from hark.cases.actions import assign
from hark.cases.models import Case
from hark.clocks import promises


@transaction.atomic
def depart(member: Member, *, by: Member) -> int:
    """Take the member's seat away and hand their open cases and promises back to everybody; how many cases there were.

    Raises NotPossible as `remove_member` does. Replies that they queued still leave: a person has sent them.
    """
    remove_member(member, by=by)
    cases = list(Case.objects.open().filter(assignee=member).select_related("brand"))
    for case in cases:
        assign(case, None, by=by, why=_("%(name)s has left the team.") % {"name": member})
    promises.hand_back(member, by=by)
    return len(cases)
