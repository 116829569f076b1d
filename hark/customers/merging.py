"""Two people found to be one: suggested with a reason, confirmed by a person, undone at any time (mission H6)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.web.problems import NotPossible

from .models import Merge, Person, Profile

MOST_SUGGESTIONS = 5


@dataclass(frozen=True)
class Suggestion:
    """Somebody who may be the same person, and why we think so."""

    person: Person
    reason: str


def suggestions(person: Person) -> list[Suggestion]:
    """Others of the brand with the same handle or the same full name. A constant number of queries; never acted upon by itself."""
    mine = list(person.profiles.all())
    handles = {bare(profile.handle): profile for profile in mine if len(bare(profile.handle)) > 2}
    found: dict[int, Suggestion] = {}
    same_handle = (
        Profile.objects.annotate(small=Lower("handle"))
        .filter(brand=person.brand_id, small__in=[*handles, *(f"@{handle}" for handle in handles)])
        .exclude(person=person)
        .select_related("person")
    )
    for profile in same_handle[:MOST_SUGGESTIONS]:
        if profile.person.merged_into_id is None:
            reason = _("The same handle, %(handle)s, on another network.") % {"handle": profile.handle}
            found.setdefault(profile.person_id, Suggestion(profile.person, reason))
    if len(person.name.split()) > 1:
        namesakes = Person.objects.annotate(small=Lower("name")).filter(
            brand=person.brand_id, small=person.name.lower(), merged_into=None
        )
        for other in namesakes.exclude(pk=person.pk)[:MOST_SUGGESTIONS]:
            reason = _("The same full name. Many people share one: look before you join them.")
            found.setdefault(other.pk, Suggestion(other, reason))
    return list(found.values())[:MOST_SUGGESTIONS]


def bare(handle: str) -> str:
    """A handle without its sign and its server: `@maya.on.rails@mastodon.example` is `maya.on.rails`."""
    return handle.lower().lstrip("@").split("@")[0]


@transaction.atomic
def merge(gone: Person, *, into: Person, by: Member) -> Merge:
    """Everything of `gone` is now known as `into`. Raises NotPossible for people that can't be joined."""
    locked = {
        row.pk: row
        for row in Person.objects.select_for_update(of=("self",))
        .filter(pk__in=[gone.pk, into.pk])
        .order_by("pk")
    }
    if len(locked) < 2:
        raise NotPossible(_("A person can’t be joined with themselves."))
    gone, into = locked[gone.pk], locked[into.pk]
    if gone.brand_id != into.brand_id or gone.brand_id != by.brand_id:
        raise NotPossible(_("Those people belong to different brands."))
    if gone.merged_into_id or into.merged_into_id:
        raise NotPossible(_("One of them was joined with somebody already."))
    profiles = list(gone.profiles.values_list("pk", flat=True))
    cases = list(gone.cases.values_list("pk", flat=True))
    row = Merge.objects.create(
        brand_id=into.brand_id, kept=into, gone=gone, profiles=profiles, cases=cases, by=by
    )
    gone.profiles.update(person=into)
    gone.cases.update(person=into)
    gone.merged_into = into
    gone.save(update_fields=["merged_into"])
    into.name, into.prefers = into.name or gone.name, into.prefers or gone.prefers
    into.save(update_fields=["name", "prefers"])
    return row


@transaction.atomic
def undo(row: Merge, *, by: Member) -> None:
    """Two people again: what had moved, and is still there, moves back. Raises NotPossible when that was done, or can't be."""
    row = Merge.objects.select_for_update(of=("self",)).select_related("kept", "gone").get(pk=row.pk)
    if row.undone_at:
        raise NotPossible(_("This was undone already."))
    if row.brand_id != by.brand_id:
        raise NotPossible(_("That belongs to another brand."))
    if row.kept.merged_into_id:
        raise NotPossible(_("First undo how %(name)s was joined with somebody else.") % {"name": row.kept})
    row.kept.profiles.filter(pk__in=row.profiles).update(person=row.gone)
    row.kept.cases.filter(pk__in=row.cases).update(person=row.gone)
    row.gone.merged_into = None
    row.gone.save(update_fields=["merged_into"])
    row.undone_at, row.undone_by = timezone.now(), by
    row.save(update_fields=["undone_at", "undone_by"])
