"""What the stories say with: customers of the practice network deliver, and Hark takes in."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hark.channels import intake
from hark.channels.models import Account
from hark.channels.registry import network_of
from hark.journeys import arrival

MORNING = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


class Network:
    """One account's side of the practice network: what is said there is delivered and taken in."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.numbers = itertools.count(1)
        self.now = MORNING

    def says(self, who: str, text: str, *, take_in: bool = True, **more: Any) -> dict[str, Any]:
        number = next(self.numbers)
        self.now += timedelta(seconds=10)
        event = {
            "key": f"e{number}",
            "id": f"m{number}",
            "at": self.now.isoformat(),
            "text": text,
            "author": {"id": who, "handle": f"{who}.example", "name": who.title()},
        } | more
        self.delivers(event, take_in=take_in)
        return event

    def delivers(self, *events: dict[str, Any], take_in: bool = True) -> int:
        body = json.dumps({"events": list(events)}).encode()
        new = intake.append(self.account, network_of("practice").split(body))
        if take_in:
            while arrival.work():
                pass
        return new
