"""After a restore: what customers had taken back since that backup is taken back again, before anybody can read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from hark import erasures
from hark.cases import keeping, mending, opening
from hark.cases.models import Message
from hark.channels import intake, reading
from hark.channels.base import IncomingMessage
from hark.channels.models import Account, Delivery
from hark.channels.reading import Incoming

BATCH = 1_000


def replay(data: Path) -> int:
    """Blank every message on the list that this database still shows; how many those were. Safe to run again.

    Reads the identity of every message, in pieces: seconds for a million. With an empty list it asks nothing.
    """
    listed = {line.message: line.at for line in erasures.read(data / erasures.FILE)}
    if not listed:
        return 0
    accounts = Account.objects.select_related("brand").in_bulk()
    count, last = 0, 0
    shown = Message.objects.filter(deleted_at=None).order_by("pk").only("pk", "account_id_at", "external_id")
    while rows := list(shown.filter(pk__gt=last)[:BATCH]):
        last = rows[-1].pk
        wanted = [
            Incoming(Delivery(id=0), account, IncomingMessage("deleted", row.external_id, at=at))
            for row in rows
            if (account := accounts.get(row.account_id_at))
            and (at := _erased(account, row.external_id, listed))
        ]
        count += erase(wanted)
    return count + _blank_unread(listed)


def erase(wanted: Sequence[Incoming]) -> int:
    """As arrival does when the network tells of a deletion."""
    if not wanted:
        return 0
    with transaction.atomic():
        kept = keeping.keep(wanted, {})
        touched = opening.open_or_join(kept, {})
        keeping.write(kept)
        mending.mend(touched, kept)
    return len(kept)


def _blank_unread(listed: Mapping[str, datetime]) -> int:
    """Deliveries that were stored but not read when the backup was made, and would be read now."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by("pk")
    count, last = 0, 0
    while rows := list(waiting.filter(pk__gt=last)[:BATCH]):
        last = rows[-1].pk
        incoming, _ = reading.read_all(rows)
        gone = {
            one.delivery.pk
            for one in incoming
            if one.message.kind != "deleted" and _erased(one.account, one.message.external_id, listed)
        }
        intake.blank(gone)
        count += len(gone)
    return count


def _erased(account: Account, external_id: str, listed: Mapping[str, datetime]) -> datetime | None:
    identity = (account.channel, account.external_id, external_id[:512])
    names: Iterable[str] = (erasures.name(identity, key) for key in settings.HARK_ERASURE_KEYS)
    return next((listed[name] for name in names if name in listed), None)
