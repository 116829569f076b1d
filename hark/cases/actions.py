"""Plain verbs on one case. Each writes its entry in the history and tells the screens."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member, Team
from hark.brands.permissions import Permission
from hark.live import bus, topics

from . import asking
from .errors import NotPossible
from .history import record
from .models import Case, Event, Note, Presence, Snooze, Tag
from .urgency import hurts_at

__all__ = [
    "add_tag",
    "announce",
    "assign",
    "leave",
    "look",
    "mark_read",
    "record",
    "remove_tag",
    "set_priority",
    "set_team",
    "snooze",
    "wake",
    "write_note",
]

MENTION = re.compile(r"@([\w.\-]+(?:@[\w.\-]+)?)")


def announce(case: Case) -> None:
    """Tell the screens that this case, and so its queue, changed."""
    bus.publish(topics.case(case.pk), topics.queue(case.brand_id))


@transaction.atomic
def assign(case: Case, to: Member | None, *, by: Member, why: str = "") -> None:
    """Give the case to a member; None hands it back to everybody. Raises NotPossible for somebody who can't reply."""
    if to is not None and (to.brand_id != case.brand_id or not to.may(Permission.REPLY)):
        raise NotPossible(_("%(name)s can't answer customers of this brand.") % {"name": to})
    if case.assignee_id == (to.pk if to else None):
        return
    case.assignee = to
    case.save(update_fields=["assignee"])
    if to:
        record(case, Event.Kind.ASSIGNED, by=by, why=why, to=to.pk, name=str(to))
    else:
        record(case, Event.Kind.UNASSIGNED, by=by, why=why)
    announce(case)


@transaction.atomic
def snooze(case: Case, until: datetime, *, by: Member, reason: str = "") -> Snooze:
    """Put an open case to sleep until a time, or until the customer writes. Raises NotPossible for the past."""
    if not case.is_open:
        raise NotPossible(_("Only an open case can be snoozed."))
    if until <= timezone.now():
        raise NotPossible(_("Choose a time that is still to come."))
    case.snoozes.filter(ended_at=None).update(ended_at=timezone.now())
    row = Snooze.objects.create(brand_id=case.brand_id, case=case, by=by, until=until, reason=reason[:200])
    case.state = Case.State.SNOOZED
    case.save(update_fields=["state"])
    record(case, Event.Kind.SNOOZED, by=by, why=reason, until=until.isoformat())
    announce(case)
    return row


@transaction.atomic
def wake(case: Case, *, by: Member | None = None, why: str = "") -> None:
    """End the sleep of a case: it waits for us again. Raises NotPossible for one that is awake."""
    if not case.snoozes.filter(ended_at=None).update(ended_at=timezone.now()):
        raise NotPossible(_("This case is awake."))
    if case.state == Case.State.SNOOZED:
        case.state = Case.State.WAITING
        case.save(update_fields=["state"])
    record(case, Event.Kind.WOKEN, by=by, why=why)
    announce(case)


def wake_due(most: int = 200) -> int:
    """Wake what has slept long enough; how many cases that were."""
    with transaction.atomic():
        due = Snooze.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            ended_at=None, until__lte=timezone.now()
        )
        woken = [row.case for row in due.select_related("case")[:most]]
        for case in woken:
            wake(case, why=_("The time has come."))
    return len(woken)


@transaction.atomic
def set_priority(case: Case, priority: int, *, by: Member, why: str = "") -> None:
    before, case.priority = case.priority, Case.Priority(priority)
    if before == case.priority:
        return
    since = case.opened_at if case.first_reply_at is None else case.last_customer_at
    case.hurts_at = hurts_at(since, case.priority, case.brand, case.location)
    case.save(update_fields=["priority", "hurts_at"])
    record(case, Event.Kind.PRIORITY, by=by, why=why, before=before, after=case.priority)
    announce(case)


@transaction.atomic
def set_team(case: Case, team: Team | None, *, by: Member, why: str = "") -> None:
    if team is not None and team.brand_id != case.brand_id:
        raise NotPossible(_("That team belongs to another brand."))
    if case.team_id == (team.pk if team else None):
        return
    case.team = team
    case.save(update_fields=["team"])
    record(case, Event.Kind.TEAM, by=by, why=why, team=str(team or ""))
    announce(case)


@transaction.atomic
def add_tag(case: Case, name: str, *, by: Member) -> Tag:
    """Put a word on the case; the brand learns it when it is new. Raises NotPossible for an empty or long one."""
    name = " ".join(name.split())
    if not name or len(name) > 40:
        raise NotPossible(_("A tag has 1 to 40 characters."))
    tag = Tag.objects.filter(brand=case.brand_id, name__iexact=name).first()
    tag = tag or Tag.objects.create(brand_id=case.brand_id, name=name)
    if not case.tags.filter(pk=tag.pk).exists():
        case.tags.add(tag)
        record(case, Event.Kind.TAGGED, by=by, tag=tag.name)
        announce(case)
    return tag


@transaction.atomic
def remove_tag(case: Case, tag: Tag, *, by: Member) -> None:
    if case.tags.filter(pk=tag.pk).exists():
        case.tags.remove(tag)
        record(case, Event.Kind.UNTAGGED, by=by, tag=tag.name)
        announce(case)


@transaction.atomic
def write_note(case: Case, text: str, *, by: Member) -> Note:
    """Words for the team. `@first-name` or `@e-mail` asks a member; a partner then sees the case.

    Raises NotPossible when empty.
    """
    text = text.strip()
    if not text:
        raise NotPossible(_("The note is empty."))
    note = Note.objects.create(brand_id=case.brand_id, case=case, member=by, text=text[:10_000])
    asked = mentioned(text, case.brand_id)
    note.mentions.set(asked)
    asking.tell(note, asked)
    record(case, Event.Kind.NOTED, by=by, note=note.pk, asked=[member.pk for member in asked])
    announce(case)
    return note


def mentioned(text: str, brand_id: int) -> list[Member]:
    """Active members of the brand named in a text by `@first-name`, `@full.name` or `@e-mail`."""
    names = {name.lower().rstrip(".-") for name in MENTION.findall(text)}
    if not names:
        return []
    members = Member.objects.active().filter(brand=brand_id).select_related("user")
    return [
        member
        for member in members
        if names
        & {member.user.first_name.lower(), member.user.name.lower().replace(" ", "."), member.user.email}
    ]


def mark_read(case: Case) -> None:
    """Somebody has opened the case."""
    if Case.objects.filter(pk=case.pk, unread=True).update(unread=False):
        case.unread = False
        bus.publish(topics.queue(case.brand_id))


def look(case: Case, member: Member, *, writing: bool = False) -> None:
    """The member looks at the case now; the others hear of it when that is news."""
    now = timezone.now()
    before = Presence.objects.filter(case=case, member=member).first()
    Presence.objects.update_or_create(case=case, member=member, defaults={"seen_at": now, "writing": writing})
    if before is None or before.writing != writing or now - before.seen_at > Presence.LASTS:
        bus.publish(topics.here(case.pk))


def leave(case: Case, member: Member) -> None:
    if Presence.objects.filter(case=case, member=member).delete()[0]:
        bus.publish(topics.here(case.pk))
