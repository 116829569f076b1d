"""Tone against what people said of it: brusque words and politeness, casual words and empathy, naming the feeling and empathy.

Neither set is customer care: requests on Stack Exchange and Wikipedia with five raters each (Stanford Politeness Corpus), and
replies of peers to people in need (EPITOME). Both are for measuring alone. So the figures say whether a check points the right
way, not how often it is right on a brand's replies; the share of those that get a hint stands beside them. There are no labels of
reading ease: of that check only the share of hints is told.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hark.replies.coach import Context

CHATS = "hey guys, thx"  # a customer who writes as friends do


def measure(data: Path) -> dict[str, str]:
    """Lines by their titles: printed, and kept with the other figures. What is not there is left out."""
    found: dict[str, str] = {}
    for part, aside in (("set aside", True), ("looked at", False)):
        requests = [
            row for row in _rows(data / "politeness" / "requests.dev.csv.gz") if is_aside(row["id"]) == aside
        ]
        peers = [
            row
            for row in _rows(data / "empathy" / "peer_replies.dev.csv.gz")
            if is_aside(row["pair"]) == aside
        ]
        for title, line in (*_politeness(requests), *_empathy(peers)):
            found[f"{part}: {title}"] = line
    for title, line in _brands(data / "care" / "twcs_pairs.dev.csv"):
        found[f"replies of brands: {title}"] = line
    return found


def _politeness(rows: list[dict[str, str]]) -> Iterable[tuple[str, str]]:
    if not rows:
        return
    said = [(_value("register", row["request"]) == "brusque", row) for row in rows]
    hit = [row for brusque, row in said if brusque]
    impolite, polite = (
        sum(row["quartile_label"] == label for row in rows) for label in ("impolite", "polite")
    )
    rude, kind = (sum(row["quartile_label"] == label for row in hit) for label in ("impolite", "polite"))
    scores = [float(row["normalized_score"]) for row in rows]
    together = correlation([float(brusque) for brusque, _row in said], scores)
    yield (
        "register=brusque, politeness",
        f"{len(hit)} of {len(rows)}: impolite {rude / max(1, len(hit)):.2f} (of all {impolite / len(rows):.2f}), "
        f"polite {kind / max(1, len(hit)):.2f} (of all {polite / len(rows):.2f}), "
        f"recall {rude / max(1, impolite):.2f}, r {together:+.2f}",
    )


def _empathy(rows: list[dict[str, str]]) -> Iterable[tuple[str, str]]:
    if not rows:
        return
    warm = [row["response_post"] for row in rows if row["er_level"] != "0"]
    others = [row["response_post"] for row in rows if row["er_level"] == "0"]
    for who, customer in (("to one who chats", CHATS), ("to one who does not", "")):
        flagged = [_share("register", "too_casual", texts, customer) for texts in (warm, others)]
        line = f"warm replies {flagged[0]:.3f}, others {flagged[1]:.3f}"
        yield f"register=too_casual {who}, empathy", line
    for title, column in (("emotional reaction", "er_level"), ("interpretation", "ip_level")):
        named = [_value("feeling", row["response_post"]) == "yes" for row in rows]
        has = [row[column] != "0" for row in rows]
        right = sum(a and b for a, b in zip(named, has, strict=True))
        r = correlation([float(one) for one in named], [float(row[column]) for row in rows])
        yield (
            f"feeling=yes, {title}",
            f"precision {right / max(1, sum(named)):.2f} (of all {sum(has) / len(has):.2f}), "
            f"recall {right / max(1, sum(has)):.2f}, r {r:+.2f}",
        )


def _brands(path: Path) -> Iterable[tuple[str, str]]:
    rows = list(_rows(path))
    if not rows:
        return
    for check, fine in (("register", "fitting"), ("reading", "easy")):
        values = [
            _value(check, html.unescape(row["reply_text"]), html.unescape(row["customer_text"]))
            for row in rows
        ]
        counts = {value: values.count(value) for value in sorted(set(values)) if value != fine}
        yield f"hints of {check}", f"{sum(counts.values())} of {len(rows)} {counts or ''}".strip()


def _share(check: str, value: str, texts: list[str], customer: str) -> float:
    return sum(_value(check, text, customer, True) == value for text in texts) / max(1, len(texts))


def _value(check: str, text: str, customer: str = "", complaint: bool | None = None) -> str:
    from hark.replies import coach
    from hark.replies.coach.text import Text

    context: Context = coach.Context(customer=customer, complaint=complaint)
    return str(getattr(coach, check).check(Text(text), context).value)


def correlation(one: list[float], other: list[float]) -> float:
    """Pearson's r; 0 where one of them is always the same."""
    count = len(one)
    mean, other_mean = sum(one) / count, sum(other) / count
    joint = sum((a - mean) * (b - other_mean) for a, b in zip(one, other, strict=True))
    size = math.sqrt(sum((a - mean) ** 2 for a in one) * sum((b - other_mean) ** 2 for b in other))
    return joint / size if size else 0.0


def _rows(path: Path) -> Iterable[dict[str, str]]:
    if not path.exists():
        print(f"No {path.name} at {path.parent}: not measured.")
        return
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        yield from csv.DictReader(file)


def is_aside(key: str) -> bool:
    """Two fifths, by a hash of the key: phrases are written looking at the others alone."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 5 < 2
