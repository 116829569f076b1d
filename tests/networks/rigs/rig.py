"""What a test knows of a network: how it is connected, how somebody says something there, what stands there of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hark.brands.models import Brand
from hark.channels import actions
from hark.channels.models import Account

from .. import kit
from ..desk import collects, hears

KINDS = tuple(kind for kind in kit.FAULTS if kind != "slow")


class Rig:
    slug = ""
    posts = asks = ""
    private = False
    sends = True  # what we say leaves over a line that can fail
    tells_what_was_sent = True  # whether the network can be asked after a lost answer
    kinds: tuple[str, ...] = KINDS
    network: Any = None

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.request = request
        self.monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")

    @contextmanager
    def running(self) -> Iterator[Rig]:
        with self.stands_in() as self.network:
            yield self

    def stands_in(self) -> Any:
        raise NotImplementedError

    def connected(self, brand: Brand) -> Account:
        return actions.connect(brand, self.slug, self.fields())

    def fields(self) -> dict[str, Any]:
        raise NotImplementedError

    def says(self, text: str) -> None:
        raise NotImplementedError

    def ours(self) -> list[str]:
        raise NotImplementedError

    def gives(self, account: Account, *, twice: bool = False) -> None:
        """What was said comes in, as this network brings it. Raises the failures of asking."""
        collects(account, twice=twice)

    def fails(self, kind: str) -> None:
        self.network.fails(kind, on=self.posts)

    def missed(self) -> bool:
        """A fault was ordered, and no call has met it."""
        return self.network is not None and any(fault.left for fault in self.network.faults)

    def revoked(self) -> str:
        """The permission is gone; what brings it back."""
        held, self.network.token = self.network.token, "another"
        return str(held)

    def allowed(self, held: str) -> None:
        self.network.token = held


class Heard(Rig):
    """What is said comes by itself, a body each."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__(request)
        self.said: list[bytes] = []

    def gives(self, account: Account, *, twice: bool = False) -> None:
        for body in [*self.said, *reversed(self.said)] if twice else self.said:
            hears(account, body)
