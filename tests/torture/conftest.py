"""How the hostile tests report what they tried."""

from __future__ import annotations

import logging

import pytest

from .measuring import GROWTH, LONGEST_SECONDS, WARM_BODIES, Tally


@pytest.fixture
def _unheard():
    """Nobody keeps a record of each refusal, with its frames, until the test is over."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def say(tell, _unheard):
    def finish(tally: Tally) -> None:
        tell("G4", f"bad bodies: {tally.name}", tally.tried, tally.failed, tally.seeds, tally.line())
        assert tally.longest[0] < LONGEST_SECONDS, tally.longest
        assert tally.growth < GROWTH or tally.of < WARM_BODIES, f"memory grew by {tally.growth:.1%}"

    return finish
