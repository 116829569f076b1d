"""A reply that nobody can tell about: its answer was lost, and the network can't be asked. A person has looked, and decides."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import echoes
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.channels.base import Receipt
from hark.live import bus, topics
from hark.replies.models import Reply

from .reply import OUTBOX_WAKE
from .settling import NEVER_CERTAIN, settle_sent

log = structlog.get_logger(__name__)


@transaction.atomic
def it_arrived(reply: Reply, *, by: Member, seen: datetime) -> bool:
    """The customer has it: it counts as sent when it was queued, since nobody knows better. False when decided before.

    `seen` is `queued_at` of the row that was looked at. Raises NotPossible while the network is being asked.
    The network's own id of the message is unknown, so it can't be corrected from here, until its echo comes (`cases.echoes`).
    """
    row = _held(reply, by, seen)
    if row is None:
        return False
    _tell(row, by, _("It arrived."))
    echo = echoes.echo_of(row.text, row.thread, since=row.queued_at)
    settle_sent(
        row,
        Receipt(echo.external_id, at=echo.published_at, url=echo.url, facts=echo.facts)
        if echo
        else Receipt(echoes.told(row.key), at=row.queued_at),
    )
    return True


@transaction.atomic
def send_again(reply: Reply, *, by: Member, seen: datetime) -> bool:
    """The customer has nothing: it leaves once more, now. False when it was decided before, so that two presses send once.

    `seen` and what is raised: as for `it_arrived`.
    """
    row = _held(reply, by, seen)
    if row is None:
        return False
    _tell(row, by, _("It did not arrive. Send it again."))
    row.state, row.lease_until, row.attempts = Reply.State.QUEUED, None, 0
    row.queued_at = row.due_at = timezone.now()
    row.failure = row.failure_code = ""
    row.save(
        update_fields=[
            "state", "lease_until", "attempts", "queued_at", "due_at", "failure", "failure_code"
        ]
    )  # fmt: skip
    bus.publish(topics.case(row.case_id))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [OUTBOX_WAKE])
    return True


def _held(reply: Reply, by: Member, seen: datetime) -> Reply | None:
    """The row, locked and out of any sender's hands; None when somebody has decided about what was seen."""
    if not by.may(Permission.REPLY) or by.brand_id != reply.brand_id:
        raise NotPossible(_("Your role does not answer customers."))
    Case.objects.select_for_update(of=("self",)).get(pk=reply.case_id)
    open_rows = Q(state=Reply.State.UNSURE) | Q(state=Reply.State.REFUSED, failure_code=NEVER_CERTAIN)
    rows = Reply.objects.select_for_update(of=("self",)).filter(open_rows, queued_at=seen)
    row = (
        rows.select_related("account", "case", "answers", "author__user", "thread")
        .filter(pk=reply.pk)
        .first()
    )
    if row is None:
        return None
    if row.lease_until and row.lease_until > timezone.now():
        raise NotPossible(_("Hark is asking the network at this moment. Try again in a few seconds."))
    return row


def _tell(row: Reply, by: Member, what: str) -> None:
    record(row.case, Event.Kind.REPLY_SETTLED, by=by, why=what, reply=row.pk)
    log.info("reply.settled_by_hand", reply=row.pk, case=row.case_id)
