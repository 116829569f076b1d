"""What the jobs process does besides jobs, in threads of its own: a long job must not look like a lost probe."""

from __future__ import annotations

import time

from django.conf import settings

from hark.journeys.worker import Loop
from hark.ops import probing, sampling


def start() -> None:
    """Begin, for as long as the process lives. Several such processes share the turns between them."""
    Loop("samples", sampling.work, lambda: until_turn(60)).start()
    if settings.HARK_PROBE_SECONDS:
        Loop("probe", probing.work, lambda: until_turn(settings.HARK_PROBE_SECONDS)).start()


def until_turn(every: int) -> float:
    """Seconds until the next full turn by the clock."""
    return every - time.time() % every + 0.01
