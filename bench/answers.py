"""python -m bench.answers BRAND COUNT: as many approved answers of record, filed as the product files them. Run by suggest.py.

Answer number i has in its wordings nine of the words of text i of `spoken`, the rarest among them: whoever sees a message
with that text is to be offered it.
"""

from __future__ import annotations

import functools
import itertools
import random
import sys
from typing import Any

from hark.ops import django_setup

COMMON = """
the a my i you to and is was are it in on of for with at me not your have this that but what when how why can do did please
thanks hello help from there they been will
""".split()  # noqa: SIM905
VOCABULARY = 20_000  # words beside the common ones; the n-th is said about 1/n as often as the first
LETTERS = ("b d f g k l m n p r s t v st tr pl br".split(), "a e i o u ai ou".split())  # noqa: SIM905


@functools.cache
def spoken(count: int) -> list[str]:
    """Texts as people write them, by their frequencies: half of it common words, the rest by Zipf’s law. Always the same."""
    chance = random.Random(11)
    onsets, vowels = LETTERS
    syllables = [onset + vowel for onset in onsets for vowel in vowels]
    vocabulary = [
        "".join(chance.choices(syllables, k=chance.choice((2, 3, 3, 4)))) for _ in range(VOCABULARY)
    ]
    weights = list(itertools.accumulate(1 / (rank + 20) for rank in range(VOCABULARY)))
    found = []
    for _ in range(count):
        length = chance.randint(8, 40)
        rare = chance.choices(vocabulary, cum_weights=weights, k=length // 2 + 2)
        words = rare + chance.choices(COMMON, k=length // 2)
        chance.shuffle(words)
        found.append(" ".join(words))
    return found


def telling(text: str) -> list[str]:
    return [word for word in dict.fromkeys(text.split()) if word not in COMMON]


def main(brand: int, count: int) -> None:
    django_setup.load()
    from django.utils import timezone

    from hark.playbook.content import Block, Content
    from hark.playbook.models import Answer, Term, Version
    from hark.playbook.suggesting import filed_under

    texts = spoken(10_000)
    chance = random.Random(3)
    contents = []
    for number in range(count):
        words = telling(texts[number % len(texts)])
        asked = " ".join(chance.sample(words, k=min(9, len(words))))
        contents.append(
            Content(
                title=f"Answer {number}",
                wordings=(f"how {asked}", f"what {' '.join(chance.sample(words, k=min(5, len(words))))}"),
                blocks=(Block("own", "Open warmly."), Block("any", chance.choice(texts))),
            )
        )
    now = timezone.now()
    answers = Answer.objects.bulk_create(Answer(brand_id=brand, title=one.title) for one in contents)
    versions = Version.objects.bulk_create(
        Version(brand_id=brand, answer=answer, number=1, kept=content.as_json(), approved_at=now)
        for answer, content in zip(answers, contents, strict=True)
    )
    for answer, version in zip(answers, versions, strict=True):
        answer.current = version
    Answer.objects.bulk_update(answers, ["current"], batch_size=1000)
    rows: list[Any] = []
    for answer, content in zip(answers, contents, strict=True):
        rows += [
            Term(brand_id=brand, answer=answer, word=word, weight=weight)
            for word, weight in filed_under(content.title, content).items()
        ]
    Term.objects.bulk_create(rows, batch_size=5000)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
