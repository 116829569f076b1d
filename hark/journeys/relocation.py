"""An account goes to another place of business, and takes its cases and their clocks along."""

from __future__ import annotations

from django.db import transaction

from hark.brands.models import Location, Member
from hark.cases import relocating
from hark.channels import actions as channels
from hark.channels.models import Account
from hark.clocks import actions as clocks


@transaction.atomic
def relocate(account: Account, location: Location | None, *, by: Member) -> int:
    """From now on all that began at this account is of that location (None: of the whole brand); how many cases moved."""
    channels.locate(account, location)
    moved = relocating.follow(account, by=by)
    clocks.keep_hours(moved)
    return len(moved)
