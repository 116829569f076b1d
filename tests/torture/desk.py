"""The agents' side, in a process of its own: replies queued through the journey, each noted (fsynced) once it is committed.

python -m tests.torture.desk found DIRECTORY         makes the brand; account.json says where its hook is
python -m tests.torture.desk answer DIRECTORY SEED   answers customers until SIGTERM, while the network misbehaves
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

PAUSE_SECONDS = 0.3
FAULTS = ["server_error", "lost_answer", "lost_answer", "rate_limit", "blind"]
stopping = threading.Event()


def found(folder: Path) -> None:
    """Ternway, one agent, and a practice network that posts twice when it is asked twice."""
    from hark.brands import actions
    from hark.brands.models import Brand
    from hark.channels.networks.practice import connect
    from hark.channels.networks.practice.models import World

    brand = actions.add_brand("Ternway", slug="ternway")
    actions.add_member(brand, "tomas@ternway.example", ["agent"], name="Tomas Oliveira")
    Brand.objects.update(undo_seconds=0)
    account = connect.start(brand)
    World.objects.update(idempotent=False, pace=5.0)
    told = {"hook": account.hook_key, "secret": account.credentials["hook_secret"]}
    (folder / "account.json").write_text(json.dumps(told))


def answer(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    number = 0
    while not stopping.wait(PAUSE_SECONDS * chance.uniform(0.5, 1.5)):
        number += 1
        text = f"Reply {number}. We are looking for your bag."
        if chance.random() < 0.1:
            text += " It takes a little longer than we would like." * 15  # two posts, in order
        try:
            _note(folder / "replies.txt", _reply(chance, text))
            _misbehave(chance)
        except Exception as problem:  # the database is away, as often here
            _forget_connection()
            print(type(problem).__name__, str(problem).split("\n")[0], flush=True)
    _behave()


def _reply(chance: random.Random, text: str) -> list[str]:
    from hark.brands.models import Member
    from hark.cases.errors import NotPossible
    from hark.cases.models import Case
    from hark.journeys import reply

    cases = list(Case.objects.order_by("id"))
    if not cases:
        return []
    case = chance.choice(cases)
    private = case.has_private and chance.random() < 0.5
    try:
        rows = reply.queue(
            case,
            by=Member.objects.get(),
            private=private,
            text=text,
            seen_version=case.version,
            confirmed=True,
        )
    except NotPossible as reason:
        print(reason, flush=True)
        return []
    return [str(row.key) for row in rows]


def _misbehave(chance: random.Random) -> None:
    from hark.channels.networks.practice import world
    from hark.channels.networks.practice.models import World

    if chance.random() < 0.3:
        world.fault(World.objects.get().external_id, chance.choice(FAULTS), seconds=1.0)


def _behave() -> None:
    """The network is itself again, so that everything can come to its end."""
    from hark.channels.networks.practice.models import World

    for _ in range(100):
        try:
            World.objects.update(faults=[])
        except Exception:
            _forget_connection()
            threading.Event().wait(0.3)
        else:
            return
    raise SystemExit("the database did not come back")


def _forget_connection() -> None:
    from django.db import connection

    connection.close()


def _note(path: Path, lines: list[str]) -> None:
    with path.open("ab") as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def main(words: list[str]) -> None:
    from hark.ops import django_setup

    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    django_setup.load()
    folder = Path(words[1])
    deeds: dict[str, Any] = {"found": found, "answer": lambda folder: answer(folder, int(words[2]))}
    deeds[words[0]](folder)


if __name__ == "__main__":
    main(sys.argv[1:])
