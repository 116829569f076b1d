"""F10, live push is free: cases a second while 100 agents watch the queue ÷ while nobody does.

The load of F3 over 32 connections. With nobody connected Hark still names what changed once a batch; what is compared is
what the connected pages cost the intake and the making of cases.
"""

from __future__ import annotations

from . import agents
from .f3_cases import make_cases, miscounts
from .harness import Goal, Result, Run, alternate, median
from .installation import installed

GOAL = Goal("F10", "cases made a second with 100 agents connected ÷ with none", "×", aim=0.95, least=0.85)
CONNECTIONS = 32


def measure(run: Run) -> Result:
    count, watching = run.size(20_000, 320, "cases"), run.size(100, 10, "agents")
    with installed(run.folder) as hark:
        [desk] = hark.desks(1, watching)
        numbers = iter(range(1000))
        made, wrong, events = [0], [], [0]

        def off(amount: int = count) -> float:
            rate = make_cases(run, hark, desk, amount, f"p{next(numbers):03}x", CONNECTIONS)
            made[0] += amount
            wrong.extend(miscounts(hark, desk, made[0]))
            return rate

        def on() -> float:
            lines = [agents.live(desk.slug, 0, cookie) for cookie in desk.cookies]
            with agents.audience(hark.port, lines) as listening:
                rate = off()
                events[0] += sum(agent.events for agent in listening)
                if deaf := sum(not agent.events or agent.lost for agent in listening):
                    wrong.append(f"{deaf} of {watching} agents heard nothing")
            return rate

        run.say("warming up …")
        off(count // 4)
        rounds = alternate(run, hark.pids, {"off": off, "on": on})
    rates = {side: median(rounds.values(side)) for side in rounds.sides}
    return Result(
        GOAL,
        rates["on"] / rates["off"],
        {
            "with agents, cases/s": rates["on"],
            "without, cases/s": rates["off"],
            "agents": watching,
            "writers": CONNECTIONS,
            "cases a round": count,
            "events heard": events[0],
        },
        rounds,
        tuple(wrong),
        bars={"Hark, nobody watches": rates["off"], f"Hark, {watching} agents watch": rates["on"]},
        bars_title="Cases made a second",
        bars_unit="/s",
    )
