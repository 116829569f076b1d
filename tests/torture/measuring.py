"""What hostile input costs: the longest answer, and how much the process has grown."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .telling import FIXED_SEED, count, random_seed

BODIES = count("BODIES", 4_000)
SEEDS = [FIXED_SEED, random_seed()]
LONGEST_SECONDS = 3.0  # of CPU; the aim is 1 on a quiet machine
GROWTH = 0.10  # the aim is 0.05; an allocator's pages come and go
WARM_BODIES = 1000  # with fewer, templates and caches are still being filled when measuring begins
WARM_AFTER = 0.5  # of all bodies: every page and every refusal was met


@dataclass
class Tally:
    """`tried` and what failed; bytes of memory when it was warm and at the end."""

    name: str
    seeds: Sequence[int]
    of: int
    tried: int = 0
    failed: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    warm_bytes: int = 0
    end_bytes: int = 0

    @contextmanager
    def one(self, what: str) -> Iterator[None]:
        """Time one body, by the processor's clock: the machine may be busy with others."""
        self.tried += 1
        if not self.warm_bytes and self.tried >= self.of * WARM_AFTER:
            self.warm_bytes = memory_bytes()  # the process has met everything once
        began = time.process_time()
        yield
        took = time.process_time() - began
        if took > self.longest[0]:
            self.longest = (took, what)

    def answered(self, status: int, what: str) -> None:
        self.answers[status] += 1
        if status >= 500 and status != 503:
            self.failed.append(f"{status}: {what[:300]}")

    @property
    def growth(self) -> float:
        return (self.end_bytes or memory_bytes()) / self.warm_bytes - 1 if self.warm_bytes else 0.0

    def line(self) -> str:
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(self.answers.items()))
        return (
            f"{answers or 'no answers'}; longest {self.longest[0]:.2f} s of CPU; "
            f"memory {self.growth:+.1%} since {WARM_AFTER:.0%}"
        )


def memory_bytes() -> int:
    gc.collect()
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0
