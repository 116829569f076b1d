"""The practice network: customers played by Hark itself, for the demo, for drills and for tests.

It is a network of its own that happens to live in the same database: `world.py` is its server side, `api.py` the door
through which the adapter (which keeps no state, as every adapter) reads and sends. `scenarios/` holds who writes what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hark.brands.models import Brand
    from hark.channels.models import Account


def start(brand: Brand) -> Account:
    """The practice account of this brand, connected and with customers on their way; made when there is none."""
    from .connect import start as connect

    return connect(brand)
