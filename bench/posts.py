"""Pseudo posts, the same every time: about 25 words, `refund` in 2 % of them, a needle in every 10,000th."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

WORDS = """
the a my order never arrived and your app keeps crashing on login again is there anyone who can help me with this broken
screen battery delivery driver late store staff were rude great service thanks love it flight cancelled bag lost seat upgrade
wifi down internet slow bill wrong charged twice card declined account locked password reset email phone number update address
price hike cancel subscription worst ever best team quick reply still waiting three days hello any news please DM @brand #fail
#love https://t.example/abc why when how much does cost size colour blue red out of stock return label exchange gift voucher
expired coupon code not working today yesterday morning tonight queue on hold hour music agent hung up chat bot useless human
want speak manager complaint refused policy warranty repair part missing manual box damaged
""".split()  # noqa: SIM905
BODY_BYTES = 482
MORNING = datetime(2026, 1, 5, 6, tzinfo=UTC)


@functools.cache
def texts(count: int, seed: int = 7) -> list[str]:
    chance = random.Random(seed)
    found = []
    for number in range(count):
        text = " ".join(chance.choices(WORDS, k=25))
        found.append(text + " refund please" * (number % 50 == 7) + " zqxneedle" * (number % 10_000 == 4242))
    return found


# Words of other scripts, each in one seeded text of a thousand.
PLANTED = {"Arabic": "استرداد", "Japanese": "返金", "emoji": "🧳"}


@functools.cache
def planted(count: int) -> list[str]:
    """The texts that cases are seeded with: those of `texts`, some with a word in another script."""
    found = list(texts(count))
    for place, word in enumerate(PLANTED.values(), 1):
        for number in range(place * 111, count, 1000):
            found[number] += f" {word}"
    return found


def bodies(count: int, prefix: str, *, people: int = 0) -> Iterator[bytes]:
    """Events of the practice network, each 482 bytes, each its own post by its own person (or by one of `people`)."""
    said = [text[:200] for text in texts(1000)]
    for number in range(count):
        name = f"{prefix}{number:07}"
        who = f"{prefix}{number % people:07}" if people else name
        at = (MORNING + timedelta(milliseconds=number * 7)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        head = f'{{"key":"{name}.1","type":"post","id":"{name}","at":"{at}","thread":"{name}","lang":"en","text":"'
        tail = f'","author":{{"id":"u{who}","handle":"u{who}.example","name":"Customer {who}","followers":120}}}}'
        room = BODY_BYTES - len(head) - len(tail)
        yield f"{head}{said[number % 1000][:room]:.<{room}}{tail}".encode()
