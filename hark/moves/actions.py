"""Following a hand-off: the customer came to private."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from django.utils import timezone

from hark import bulk
from hark.cases.keeping import json
from hark.cases.models import Case, Event, Step
from hark.cases.place import Place

from .models import Move


def new_token() -> str:
    """What a hand-off link carries: 192 random bits, one case, expiring; only its hash is stored."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cases_of(tokens: Iterable[tuple[int, str]]) -> dict[str, tuple[int, int]]:
    """token → (case, person) of the hand-offs that are still open. Asked with the brand that the token came to."""
    wanted = {hash_of(token): (brand_id, token) for brand_id, token in tokens if token}
    if not wanted:
        return {}
    moves = Move.objects.filter(token_hash__in=wanted, expires_at__gt=timezone.now())
    return {
        wanted[token_hash][1]: (case_id, person_id)
        for token_hash, brand_id, case_id, person_id in moves.values_list(
            "token_hash", "brand_id", "case_id", "case__person_id"
        )
        if brand_id == wanted[token_hash][0]
    }


def note_followed(touched: Iterable[Place]) -> None:
    """A private conversation began in a case: the milestone is reached, and an open move was followed."""
    gone_private = [place for place in touched if place.went_private and not place.archived]
    if not gone_private:
        return
    brands = {place.id: place.brand.pk for place in gone_private}
    ids = list(brands)
    now = timezone.now()
    reached = bulk.insert(
        Step,
        ["brand_id", "case_id", "name", "at", "skipped", "reason"],
        [(brands[case_id], case_id, int(Case.Arc.PRIVATE), now, False, "") for case_id in ids],
        conflict="DO NOTHING",
        returning="case_id",
    )
    Case.objects.filter(pk__in=ids, arc__lt=Case.Arc.PRIVATE).update(arc=Case.Arc.PRIVATE)
    followed = Move.objects.filter(case__in=ids, followed_at=None)
    follows = [
        (brands[case_id], case_id, Event.Kind.FOLLOWED, "{}")
        for case_id in set(followed.values_list("case", flat=True))
    ]
    followed.update(followed_at=now)
    detail = json({"step": int(Case.Arc.PRIVATE)})
    steps = [(brands[case_id], case_id, Event.Kind.STEP, detail) for (case_id,) in reached]
    bulk.insert(Event, ["brand_id", "case_id", "kind", "detail"], follows + steps)
