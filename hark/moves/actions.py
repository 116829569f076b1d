"""Following a hand-off: the customer came to private."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from django.utils import timezone

from hark import bulk
from hark.brands.models import Brand
from hark.cases.keeping import json
from hark.cases.models import Case, Event, Step
from hark.cases.place import Place

from .models import Move


def new_token() -> str:
    """What a hand-off link carries: 192 random bits, one case, expiring; only its hash is stored."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cases_of(brand: Brand, tokens: Iterable[str]) -> dict[str, tuple[int, int]]:
    """token → (case, person) of the hand-offs that are still open."""
    wanted = {hash_of(token): token for token in tokens if token}
    if not wanted:
        return {}
    moves = Move.objects.filter(brand=brand, token_hash__in=wanted, expires_at__gt=timezone.now())
    return {
        wanted[token_hash]: (case_id, person_id)
        for token_hash, case_id, person_id in moves.values_list("token_hash", "case_id", "case__person_id")
    }


def note_followed(brand: Brand, touched: Iterable[Place]) -> None:
    """A private conversation began in a case: the milestone is reached, and an open move was followed."""
    gone_private = [place for place in touched if place.went_private and not place.archived]
    if not gone_private:
        return
    ids = [place.id for place in gone_private]
    now = timezone.now()
    reached = bulk.insert(
        Step,
        ["brand_id", "case_id", "name", "at", "skipped", "reason"],
        [(brand.pk, case_id, int(Case.Arc.PRIVATE), now, False, "") for case_id in ids],
        conflict="DO NOTHING",
        returning="case_id",
    )
    Case.objects.filter(pk__in=ids, arc__lt=Case.Arc.PRIVATE).update(arc=Case.Arc.PRIVATE)
    followed = Move.objects.filter(case__in=ids, followed_at=None)
    follows = [
        (brand.pk, case_id, Event.Kind.FOLLOWED, "{}")
        for case_id in set(followed.values_list("case", flat=True))
    ]
    followed.update(followed_at=now)
    steps = [(brand.pk, row[0], Event.Kind.STEP, json({"step": int(Case.Arc.PRIVATE)})) for row in reached]
    bulk.insert(Event, ["brand_id", "case_id", "kind", "detail"], follows + steps)
