"""Merging two cases and splitting one, each remembered so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member

from .actions import announce
from .errors import NotPossible
from .history import record
from .models import Case, Event, Message, Regrouping


@transaction.atomic
def merge(source: Case, *, into: Case, by: Member) -> Regrouping:
    """Move everything that was said in `source` into the other case. Raises NotPossible when they can't be joined."""
    first, second = sorted([source.pk, into.pk])
    locked = {
        case.pk: case for case in Case.objects.select_for_update(of=("self",)).filter(pk__in=[first, second])
    }
    if len(locked) < 2:
        raise NotPossible(_("A case can't be merged into itself."))
    source, into = locked[source.pk], locked[into.pk]
    if source.brand_id != into.brand_id:
        raise NotPossible(_("Those cases belong to different brands."))
    if Case.State.MERGED in (source.state, into.state):
        raise NotPossible(_("One of them was merged already."))
    moved = list(source.messages.values_list("pk", flat=True))
    row = Regrouping.objects.create(
        brand_id=source.brand_id,
        kind=Regrouping.Kind.MERGE,
        source=source,
        target=into,
        messages=moved,
        before={"state": source.state, "target_state": into.state},
        by=by,
    )
    Message.objects.filter(pk__in=moved).update(case=into)
    if source.is_waiting:
        into.state = Case.State.WAITING
        into.hurts_at = min(into.hurts_at, source.hurts_at)
    source.state, source.merged_into = Case.State.MERGED, into
    source.save(update_fields=["state", "merged_into"])
    into.save(update_fields=["state", "hurts_at"])
    recount(into)
    record(into, Event.Kind.MERGED, by=by, merged=source.pk, regrouping=row.pk)
    record(source, Event.Kind.MERGED, by=by, into=into.pk, regrouping=row.pk)
    announce(into)
    announce(source)
    return row


@transaction.atomic
def split(case: Case, messages: Iterable[Message], *, by: Member) -> Case:
    """A case of their own for some messages: another matter of the same person. Raises NotPossible for none or all."""
    moved = [message for message in messages if message.case_id == case.pk]
    said = [message for message in moved if not message.outbound]
    rest = case.messages.exclude(pk__in=[message.pk for message in moved]).filter(outbound=False).exists()
    if not said or not rest:
        raise NotPossible(_("Choose some, and not all, of what the customer wrote."))
    first, last = min(m.published_at for m in said), max(m.published_at for m in said)
    fresh = Case.objects.create(
        brand_id=case.brand_id,
        person_id=case.person_id,
        team=case.team,
        location=case.location,
        assignee=case.assignee,
        priority=case.priority,
        opened_at=first,
        last_customer_at=last,
        last_activity_at=last,
        hurts_at=case.hurts_at,
        due_at=case.due_at,
        first_reply_at=case.first_reply_at if any(m.outbound for m in moved) else None,
        snippet=" ".join(said[-1].text.split())[:280],
        channel=case.channel,
        state=Case.State.WAITING,
        follows=case,
    )
    Message.objects.filter(pk__in=[message.pk for message in moved]).update(case=fresh)
    row = Regrouping.objects.create(
        brand_id=case.brand_id,
        kind=Regrouping.Kind.SPLIT,
        source=case,
        target=fresh,
        messages=[message.pk for message in moved],
        before={"state": case.state},
        by=by,
    )
    recount(case)
    recount(fresh)
    record(case, Event.Kind.SPLIT, by=by, into=fresh.pk, regrouping=row.pk)
    record(fresh, Event.Kind.OPENED, by=by, split_from=case.pk)
    announce(case)
    announce(fresh)
    return fresh


@transaction.atomic
def undo(row: Regrouping, *, by: Member) -> None:
    """Put the messages back where they were. Raises NotPossible when that was done already."""
    row = Regrouping.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=row.pk)
    if row.undone_at:
        raise NotPossible(_("This was undone already."))
    source, target = row.source, row.target
    moved = Message.objects.filter(pk__in=row.messages, case=target)
    moved.update(case=source)
    if row.kind == Regrouping.Kind.MERGE:
        source.state, source.merged_into = row.before["state"], None
        source.save(update_fields=["state", "merged_into"])
        target.state = row.before.get("target_state", target.state)
        target.save(update_fields=["state"])
    elif not target.messages.exists():
        target.state, target.merged_into = Case.State.MERGED, source
        target.save(update_fields=["state", "merged_into"])
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    recount(source)
    recount(target)
    record(source, Event.Kind.UNDONE, by=by, regrouping=row.pk)
    announce(source)
    announce(target)


def recount(case: Case) -> None:
    """Bring the columns that mirror its messages up to date."""
    said = case.messages.filter(outbound=False, deleted_at=None).order_by("-published_at").first()
    case.message_count = case.messages.count()
    case.has_private = case.messages.filter(private=True).exists()
    case.version += 1
    if said:
        case.snippet, case.snippet_lang = " ".join(said.text.split())[:280], said.lang
        case.last_customer_at = said.published_at
        case.last_activity_at = case.messages.aggregate(at=Max("published_at"))["at"] or case.last_activity_at
    case.save(
        update_fields=[
            "message_count", "has_private", "version", "snippet", "snippet_lang", "last_customer_at",
            "last_activity_at",
        ]
    )  # fmt: skip
