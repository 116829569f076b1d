"""The coach: how often each check is right on hand-labelled replies, and p95 of all checks over drafts made of real replies.

The labels lie outside the repository (`HARK_SHARED`, default ../shared): without them nothing is measured. Which replies are
set aside is decided by a hash of their id; the phrases were written looking at the other part alone.
"""

from __future__ import annotations

import csv
import html
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hark.ops import django_setup

from .coach_tone import is_aside, measure
from .harness import Goal, Result, Run, alternate, percentile

if TYPE_CHECKING:
    from hark.replies.coach import Context, Sent

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("HARK_SHARED", "../shared"))
CARE = SHARED / "data" / "care"
GOAL = Goal(
    "COACH",
    "All checks of the coach on a draft of 500 characters, p95",
    "ms",
    aim=10,
    least=30,
    higher_is_better=False,
)
REPLIES = 1000
LATELY = 100  # replies sent before, with which each draft is compared
SIDES = {"500 characters": 500, "as they are": 0}
# check → column of the labels, and the marks of precision and recall
CHECKS = {
    "name": ("name_used", {"used": "yes", "missing": "no"}, 0.95, 0.90),
    "apology": ("apology", {}, 0.95, 0.90),
    "moves_private": ("moves_private", {}, 0.95, 0.90),
    "asks_private_data": ("asks_private_data", {}, 0.95, 0.90),
    "feeling": ("feeling", {}, 0.85, 0.80),
    "offers_help": ("offers_help", {}, 0.85, 0.80),
    "promise": ("promise", {}, 0.85, 0.80),
    "stock": ("stock", {}, 0.85, 0.80),
}


def main() -> int:
    if not (CARE / "labels_replies.dev.csv").exists():
        print(f"No labelled replies at {CARE}: set HARK_SHARED. Nothing was measured.")
        return 0
    django_setup.load()
    pairs = {row["reply_tweet_id"]: row for row in _rows("twcs_pairs.dev.csv")}
    labels = list(_rows("labels_replies.dev.csv"))
    figures: dict[str, str] = {}
    for part, aside in (("set aside", True), ("looked at", False)):
        chosen = [row for row in labels if is_aside(row["reply_tweet_id"]) == aside]
        print(f"\n{part}: {len(chosen)} replies")
        for name, (precision, recall, right, wrong, missed) in _score(chosen, pairs).items():
            line = f"precision {precision:.2f}, recall {recall:.2f} ({right} right, {wrong} wrong, {missed} missed)"
            print(f"  {name:34} {line}")
            figures[f"{part}: {name}"] = line
    print("\ntone")
    for title, line in measure(SHARED / "data").items():
        print(f"  {title}: {line}")
        figures[title] = line
    texts = list(pairs.values())[:REPLIES]
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), rounds=3, spare=2, quiet_seconds=5)
        sides = {name: partial(_p95, _drafts(texts, length)) for name, length in SIDES.items()}
        rounds = alternate(run, list, sides)
    own = _p95(_drafts(texts, 500), time.thread_time)  # whatever others do meanwhile
    long, short = (statistics.median(rounds.values(name)) for name in SIDES)
    inputs = {
        "replies": len(texts),
        "compared with": len(_sent(texts)),
        "p95 as they are ms": short,
        "p95 of processor time ms": own,
        **figures,
    }
    result = Result(GOAL, long, inputs, rounds)
    print(f"\n{GOAL.title}: {long:.1f} ms (least {GOAL.least}), as they are {short:.1f} ms")
    print(f"processor time {own:.1f} ms; others used {rounds.foreign:.0%}")
    (HERE / "results").mkdir(exist_ok=True)
    result.write(HERE / "results")
    (HERE / "results" / "COACH.json").rename(HERE / "results" / "coach.json")
    return 0 if result.met else 1


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (CARE / name).open(newline="") as file:
        yield from csv.DictReader(file)


def _look(pair: dict[str, str]) -> dict[str, str]:
    from hark.replies.coach import Context, look

    found = look(html.unescape(pair["reply_text"]), Context(customer=html.unescape(pair["customer_text"])))
    return {one.check: one.value for one in found}


def _score(
    labels: list[dict[str, str]], pairs: dict[str, dict[str, str]]
) -> dict[str, tuple[float, float, int, int, int]]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for row in labels:
        values = _look(pairs[row["reply_tweet_id"]])
        for check, (column, names, _, _) in CHECKS.items():
            said, label = names.get(values[check], values[check]), row[column]
            if check == "promise":
                said, label = ("no" if one == "none" else "yes" for one in (said, label))
            if said == label:
                right[f"{check}={label}"] += 1
            else:
                wrong[f"{check}={said}"] += 1
                missed[f"{check}={label}"] += 1
    return {
        key: (
            right[key] / max(1, right[key] + wrong[key]),
            right[key] / max(1, right[key] + missed[key]),
            right[key],
            wrong[key],
            missed[key],
        )
        for key in sorted(right | wrong | missed)
        if not key.endswith("=no")
    }


def _drafts(pairs: list[dict[str, str]], length: int) -> list[tuple[str, Context]]:
    """Each reply as a draft, lengthened by the replies after it to so many characters, with what a case knows around it."""
    from hark.replies.coach import Context

    replies = [html.unescape(pair["reply_text"]) for pair in pairs]
    sent = _sent(pairs)
    drafts = []
    for at, pair in enumerate(pairs):
        text = replies[at]
        for more in replies[at + 1 :] if length else ():
            if len(text) >= length:
                break
            text += " " + more
        told = html.unescape(pair["customer_text"])
        drafts.append((text[:length] if length else text, Context(customer=told, told=told, sent=sent)))
    return drafts


def _sent(pairs: list[dict[str, str]]) -> list[Sent]:
    from hark.replies.coach import Sent

    return [Sent(html.unescape(pair["reply_text"]), "Tomas") for pair in pairs[-LATELY:]]


def _p95(drafts: list[tuple[str, Context]], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds that all checks take, once warm: 95 of 100 drafts take no longer."""
    from hark.replies.coach import look

    for text, context in drafts[:20]:
        look(text, context)
    times = []
    for text, context in drafts:
        began = clock()
        look(text, context)
        times.append((clock() - began) * 1000)
    return percentile(times, 0.95)


if __name__ == "__main__":
    sys.exit(main())
