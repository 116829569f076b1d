"""What stands beside the draft: the panel with answers of record and earlier cases, of 10,000 answers and 1,000,000 messages.

Each request is another case, so that nothing is remembered. The time is that of the whole request, rendering included.
Whether the answer that was written for a message is among those proposed for it is counted too.
"""

from __future__ import annotations

import http.client
import random
import subprocess
import sys
import time

from .answers import spoken
from .harness import Goal, Result, Run, alternate, median, percentile
from .installation import ROOT, Desk, Installation
from .seeding import EACH, SAID, stored

GOAL = Goal(
    "SUGGEST",
    "p95 of the answers beside a case, 10,000 answers and 1,000,000 messages",
    "ms",
    aim=60,
    least=60,
    higher_is_better=False,
    part="p95",
)
FOUND = Goal("SUGGEST", "messages whose own answer is proposed", "share", aim=0.95, least=0.9, part="found")
SEED_SECONDS = 900


def measure(run: Run) -> Result:
    messages = run.size(1_000_000, 3_000, "messages")
    answers, times = run.size(10_000, 200, "answers"), run.size(300, 20, "panels")
    with stored(run, "spoken", -(-messages // EACH), spoken) as (hark, desk):
        there = int(hark.one("SELECT count(*) FROM playbook_answer"))
        if not there:
            seed_answers(run, hark, desk, answers)
        run.say("warming up …")
        panels(hark, desk, 5, answers, seed=0)
        seeds = iter(range(1, 1000))
        rounds = alternate(
            run, hark.pids, {"Hark": lambda: panels(hark, desk, times, answers, seed=next(seeds))}
        )
        counts = {
            name: hark.one(f"SELECT count(*) FROM {table}")
            for name, table in (
                ("messages", "cases_message"),
                ("answers", "playbook_answer"),
                ("terms", "playbook_term"),
            )
        }
    taken = rounds.values("Hark")
    value, found = median(one["p95"] for one in taken), median(one["found"] for one in taken)
    wrong = tuple(
        f"{wanted:,} {name} were seeded, {counts[name]:,} are there"
        for name, wanted in (("messages", messages), ("answers", answers))
        if counts[name] < wanted
    )
    return Result(
        GOAL,
        value,
        {
            **{f"{name} ms": median(one[name] for one in taken) for name in ("p50", "p95", "p99")},
            "with earlier cases": median(one["earlier"] for one in taken),
            "their own answer is proposed": found,
            **counts,
            "panels a round": times,
        },
        rounds,
        wrong,
        ((FOUND, found),),
        bars={"p50": median(one["p50"] for one in taken), "p95": value},
        bars_title="Answers beside a case",
        bars_unit="ms",
    )


def seed_answers(run: Run, hark: Installation, desk: Desk, count: int) -> None:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "bench.answers", str(desk.brand), str(count)],
        cwd=ROOT,
        env=hark.variables,
        check=True,
        timeout=SEED_SECONDS,
    )
    with hark.connect() as connection:
        connection.execute("VACUUM ANALYZE playbook_answer, playbook_version, playbook_term")
    run.say(f"seeded {count:,} answers in {time.monotonic() - began:.0f} s")


def panels(hark: Installation, desk: Desk, times: int, answers: int, *, seed: int) -> dict[str, float]:
    """Milliseconds of panels of cases chosen by chance, and how many show what they should."""
    first, last = (int(hark.one(f"SELECT {end}(id) FROM cases_case")) for end in ("min", "max"))
    number_of = {text: number for number, text in enumerate(spoken(SAID))}
    chance = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", hark.port, timeout=60)
    took, own, shown, earlier = [], 0, 0, 0
    for _ in range(times):
        case = chance.randint(first, last)
        text = hark.one(
            "SELECT text FROM cases_message WHERE case_id = %s AND NOT outbound ORDER BY published_at DESC, id DESC LIMIT 1",
            [case],
        )
        began = time.perf_counter()
        connection.request(
            "GET",
            f"/b/{desk.slug}/cases/{case}/answers/",
            headers={"Cookie": desk.cookies[0], "HX-Request": "true"},
        )
        answer = connection.getresponse()
        html = answer.read().decode()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"case {case}: status {answer.status}: {html[:200]}")
        if (number := number_of[text]) < answers:
            own += 1
            shown += f">Answer {number}</a>" in html
        earlier += "told-before" in html
    connection.close()
    return {
        **{f"p{share}": percentile(took, share / 100) for share in (50, 95, 99)},
        "found": shown / max(own, 1),
        "earlier": earlier / times,
    }
