"""How torture reports: each test tells its seeds and `G1 tried N / failed 0`; the run ends with all these lines together."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pytest

FIXED_SEED = 20260105
TOLD = "torture"  # also the name of the mark
MOST_SHOWN = 50

Tell = Callable[..., None]


# One random seed for the whole run, also for xdist's workers, which inherit it.
os.environ["HARK_TORTURE_SEED"] = os.environ.get("HARK_TORTURE_SEED") or str(secrets.randbelow(2**31))


def random_seed() -> int:
    """A new one for each run, or HARK_TORTURE_SEED to repeat an old one."""
    return int(os.environ["HARK_TORTURE_SEED"])


def count(name: str, small: int) -> int:
    """HARK_TORTURE_<name>: `make torture` sets the full ones."""
    return int(os.environ.get(f"HARK_TORTURE_{name}") or small)


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Tell what was tried and fail on anything that failed. `what` says in a few words what was counted."""

    def tell(
        goal: str, what: str, tried: int, failed: Sequence[str], seeds: Sequence[int], *more: str
    ) -> None:
        line = f"{goal} tried {tried:,} / failed {len(failed)}   {what}; seeds {', '.join(map(str, seeds))}"
        request.node.user_properties.append((TOLD, line))
        with capsys.disabled():
            print("\n" + "\n  ".join([line, *more]), flush=True)
        assert tried
        assert not failed, f"{len(failed)} failed\n" + "\n".join(failed[:MOST_SHOWN])

    return tell


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    lines = {
        line
        for report in reports
        for name, line in getattr(report, "user_properties", ())
        if name == TOLD and report.when == "call"
    }
    if lines or any(TOLD in report.keywords for report in terminalreporter.stats.get("failed", [])):
        terminalreporter.section("torture")
        for line in sorted(lines):
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"HARK_TORTURE_SEED={random_seed()} repeats the random half")
