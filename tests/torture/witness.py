"""The network outside, which remembers what it was promised: each delivery that got its 200 is in the journal, fsynced.

It posts signed events at a steady rate and delivers again, byte for byte, whatever was not acknowledged, as networks do.
SIGTERM: no new events; what is outstanding is still delivered; exit code 0 when every single one was acknowledged.

    python -m tests.torture.witness '{"port": 8000, "hook": "…", "secret": "…", "journal": "…", "seed": 1}'
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import math
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SENDERS = 4
PAUSE_SECONDS = 0.25  # between two requests of one sender
GIVE_UP_SECONDS = 90  # after the end
LATE, WORRIED = "My bag is still not here", "Kan iemand mij helpen? 🙏"
TEXTS = [
    LATE,
    "أين حقيبتي؟",
    "Flight TWY 482 is four hours late",
    WORRIED,
    "荷物が壊れていました",
    "Thanks for nothing",
]

stopping = threading.Event()


@dataclass
class Sayings:
    """What people say: new posts, and now and then an edit or a deletion of one that was acknowledged."""

    chance: random.Random
    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0
    acknowledged: list[dict[str, Any]] = field(default_factory=list)

    def some(self) -> list[dict[str, Any]]:
        with self.lock:
            one_by_itself = self.chance.random() < 0.5
            return [self._event() for _ in range(1 if one_by_itself else self.chance.randint(2, 20))]

    def note(self, events: list[dict[str, Any]]) -> None:
        with self.lock:
            self.acknowledged += [event for event in events if event["type"] != "delete"]

    def _event(self) -> dict[str, Any]:
        self.number += 1
        now = datetime.now(UTC).isoformat()
        if len(self.acknowledged) > 20 and self.chance.random() < 0.1:
            before = self.acknowledged.pop(self.chance.randrange(len(self.acknowledged)))
            if before["version"] == 1 and self.chance.random() < 0.7:
                text = f"{before['text']} (corrected)"
                return before | {
                    "key": f"{before['id']}.2",
                    "type": "edit",
                    "at": now,
                    "version": 2,
                    "text": text,
                }
            gone = {"type": "delete", "at": now, "version": 3, "text": ""}
            return before | gone | {"key": f"{before['id']}.gone"}
        who = f"w{self.chance.randint(1, 80)}"
        private = self.chance.random() < 0.15
        name = f"m{self.number}"
        return {
            "key": f"{name}.1", "id": name, "type": "post", "at": now, "version": 1, "private": private,
            "thread": f"dm-{who}" if private else f"t{self.chance.randint(1, 40)}",
            "text": f"{self.chance.choice(TEXTS)} {self.number}",
            "author": {"id": who, "handle": f"{who}.example", "name": who.title()},
        }  # fmt: skip


@dataclass
class Journal:
    """One line for each acknowledged event; on disk before the next request of that sender begins."""

    path: str
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, events: list[dict[str, Any]], began: float) -> None:
        at = time.time()
        lines = "".join(json.dumps({"began": began, "acknowledged": at, **event}) + "\n" for event in events)
        with self.lock, open(self.path, "ab") as file:  # noqa: PTH123
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())


class Sender(threading.Thread):
    """One connection of the network; whatever is not answered by 200 is sent again."""

    def __init__(self, told: dict[str, Any], sayings: Sayings, journal: Journal) -> None:
        super().__init__(daemon=True)
        self.told, self.sayings, self.journal = told, sayings, journal
        self.connection: http.client.HTTPConnection | None = None
        self.left_over = 0
        self.again = 0

    def run(self) -> None:
        while not stopping.is_set():
            events = self.sayings.some()
            body = json.dumps(
                events[0] if len(events) == 1 else {"events": events}, ensure_ascii=False
            ).encode()
            give_up_at = math.inf  # while it goes on, a door that stays shut only takes longer
            while (began := self._deliver(body)) is None:
                self.again += 1
                if stopping.is_set():
                    give_up_at = min(give_up_at, time.monotonic() + GIVE_UP_SECONDS)
                if time.monotonic() > give_up_at:
                    self.left_over += len(events)
                    return
                time.sleep(0.1)
            self.journal.write(events, began)
            self.sayings.note(events)
            stopping.wait(PAUSE_SECONDS)

    def _deliver(self, body: bytes) -> float | None:
        """When the request began that was acknowledged; None when it was not."""
        signature = hmac.new(self.told["secret"].encode(), body, hashlib.sha256).hexdigest()
        began = time.time()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.told["port"], timeout=15)
            self.connection.request(
                "POST", f"/hooks/{self.told['hook']}", body, {"X-Hark-Signature": signature}
            )
            answer = self.connection.getresponse()
            answer.read()
            if answer.status == 200:
                return began
            if answer.status != 503:
                print("answered", answer.status, flush=True)
        except (OSError, http.client.HTTPException):
            if self.connection:
                self.connection.close()
            self.connection = None
        return None


def main() -> int:
    told = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    sayings, journal = Sayings(random.Random(told["seed"])), Journal(told["journal"])
    senders = [Sender(told, sayings, journal) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        while sender.is_alive():
            sender.join(0.5)  # in small portions: a signal is heard in between
    print("delivered again:", sum(sender.again for sender in senders), flush=True)
    return 1 if any(sender.left_over for sender in senders) else 0


if __name__ == "__main__":
    sys.exit(main())
