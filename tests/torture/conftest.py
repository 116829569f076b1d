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
def say(capsys, _unheard):
    def finish(tally: Tally) -> None:
        with capsys.disabled():
            print(tally.lines(), flush=True)
        assert not tally.failed, "\n".join(tally.failed[:20])
        assert tally.longest[0] < LONGEST_SECONDS, tally.longest
        assert tally.growth < GROWTH or tally.of < WARM_BODIES, f"memory grew by {tally.growth:.1%}"

    return finish
