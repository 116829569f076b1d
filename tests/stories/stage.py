"""The practice network's clock and its feed, as the collector and the workers drive them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from hark.channels import intake
from hark.channels.base import Envelope
from hark.channels.models import Account
from hark.channels.networks.practice import api, world
from hark.channels.networks.practice.models import World
from hark.journeys import arrival, reply
from hark.replies.models import Reply


class Stage:
    """One account's world, moved by the test alone. `works`: take in and send as well, where no worker runs."""

    def __init__(self, account: Account, *, works: bool = True) -> None:
        self.account = account
        self.works = works
        self.name = account.external_id
        self.after = 0

    def plays(self, scenario: str) -> None:
        world.play(self.name, scenario)
        self.passes(seconds=1)

    def passes(self, **time: float) -> None:
        now = World.objects.get(external_id=self.name).clock
        world.advance(self.name, now + timedelta(**time))
        self.collects()

    def collects(self) -> None:
        page = api.changes(self.name, self.after, 1000)
        self.after = page.after
        intake.append(self.account, [Envelope(key, raw) for key, raw in page.events])
        while self.works and arrival.work():
            pass

    def leaves(self) -> None:
        """The undo window passes, and the outbox sends what is due."""
        Reply.objects.filter(state=Reply.State.QUEUED).update(due_at=timezone.now())
        while reply.deliver():
            pass
        self.collects()  # the network gives our own words back
