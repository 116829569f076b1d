"""What the team learns about a person while it answers them."""

from __future__ import annotations

from .models import Person


def prefer(person_id: int, place: str) -> None:
    """Remember where they like to talk in private."""
    Person.objects.filter(pk=person_id).update(prefers=Person.Place(place))
