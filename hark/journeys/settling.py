"""What became of a reply: it is out there, or it is not, and everybody is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark import counting
from hark.cases import arc
from hark.cases.history import record
from hark.cases.models import Case, Event, Message, Thread
from hark.cases.words import vector
from hark.channels import actions as channels
from hark.channels.base import Failure, IncomingMessage, Receipt
from hark.channels.models import Delivery
from hark.channels.reading import Incoming
from hark.clocks import actions as clocks
from hark.customers.recognition import also_known_as
from hark.live import bus, topics
from hark.replies import outbox
from hark.replies.models import Reply

from .erasing import erase

log = structlog.get_logger(__name__)

NEVER_CERTAIN = "never_certain"  # given up while it may be out there: a person has to look
RETRY_LIMIT = 40  # attempts, about a day with the waits of `reply`; then a person decides


@transaction.atomic
def settle_sent(row: Reply, receipt: Receipt) -> None:
    """It is out there: the message stands in its thread, the clock stops, the arc advances, the screens know."""
    if not outbox.settle(row, Reply.State.SENT):
        return
    at = receipt.at or timezone.now()
    if row.purpose == Reply.Purpose.TRANSCRIPT:
        _settle_copy(row, receipt, at)
        return
    case = Case.objects.select_for_update(of=("self",)).select_related("brand").get(pk=row.case_id)
    message, takes_place = _keep_sent(row, case, receipt)
    channels.spend(row.account_id, receipt.cost_micros)
    if receipt.recipient:
        also_known_as(case.person, row.account.channel, receipt.recipient)
    row.message, row.sent_at = message, at
    if takes_place:  # its words are among those before; the message is the newest reply's
        Reply.objects.filter(message=message).exclude(pk=row.pk).update(message=None)
    Reply.objects.filter(pk=row.pk).update(message=message, sent_at=at)
    clocks.stop_first_response(case, at)
    still_open = (
        case.replies.filter(state__in=[Reply.State.QUEUED, Reply.State.SENDING, Reply.State.UNSURE])
        .exclude(purpose=Reply.Purpose.TRANSCRIPT)
        .exists()
    )
    newer = case.messages.filter(outbound=False, arrived_at__gt=row.queued_at, deleted_at=None).exists()
    case.first_reply_at = case.first_reply_at or at
    case.last_activity_at = max(case.last_activity_at, at)
    case.version += 1
    case.message_count += 0 if takes_place else 1
    case.has_private = case.has_private or row.private
    if not newer and not still_open and case.state == Case.State.WAITING:
        case.state = Case.State.RESOLVED if case.arc == Case.Arc.RESOLVED else Case.State.ANSWERED
    case.save(
        update_fields=[
            "first_reply_at", "last_activity_at", "version", "message_count", "has_private", "state",
        ]
    )  # fmt: skip
    record(case, Event.Kind.REPLIED, by=row.author, private=row.private, reply=row.pk, message=message.pk)
    arc.reach(case, Case.Arc.ACKNOWLEDGED, by=row.author, message=message, at=at)
    if row.private:
        arc.reach(case, Case.Arc.PRIVATE, by=row.author, message=message, at=at)
    if row.purpose == Reply.Purpose.CLOSING and not row_follows(row):
        arc.reach(case, Case.Arc.BOOK_CLOSED, by=row.author, message=message, at=at)
        case.state = Case.State.CLOSED
        case.save(update_fields=["state"])
    bus.publish(topics.case(case.pk), topics.queue(case.brand_id), topics.chat(message.thread_id))


def _settle_copy(row: Reply, receipt: Receipt, at: datetime) -> None:
    """A copy of what was said is no answer: it stops no clock, and Hark does not keep the same words a second time.

    The stub has the network's echo of it (our own mailbox has a copy) read as something that was taken back.
    """
    stub = IncomingMessage(
        "deleted", receipt.external_id, at, thread=receipt.thread, visibility="private", by_brand=True
    )
    erase([Incoming(Delivery(id=0), row.account, stub)])
    Reply.objects.filter(pk=row.pk).update(text="", sent_at=at)
    bus.publish(topics.case(row.case_id))


def row_follows(row: Reply) -> bool:
    """Whether parts of the same text are still to come."""
    return Reply.objects.filter(batch=row.batch, position__gt=row.position).exists()


def _keep_sent(row: Reply, case: Case, receipt: Receipt) -> tuple[Message, bool]:
    """The sent message, and whether it took the place of an earlier answer, whose words it then keeps as those before.

    The network's echo may have come first: then that row learns who wrote it.
    """
    thread = row.thread
    if thread is None or (receipt.thread and thread.external_id != receipt.thread):
        thread, _made = Thread.objects.get_or_create(
            account=row.account,
            external_id=receipt.thread or receipt.external_id,
            defaults={"brand_id": row.brand_id, "private": row.private},
        )
    at = receipt.at or timezone.now()
    taken: dict[str, object] = {"published_at": at}
    if row.account.network.can.one_answer and not row.private:
        before = Message.objects.filter(account_id_at=row.account_id, external_id=receipt.external_id).first()
        if before and (before.text != row.text or before.is_deleted):
            said = {"text": before.text, "version": before.version, "until": at.isoformat()}
            taken = {"earlier": [*before.earlier, said], "edited_at": at, "deleted_at": None}
    if receipt.version:
        taken["version"] = receipt.version
    message, _made = Message.objects.update_or_create(
        account_id_at=row.account_id,
        external_id=receipt.external_id,
        defaults={
            "brand_id": row.brand_id,
            "thread": thread,
            "case": case,
            "member": row.author,
            "outbound": True,
            "private": row.private,
            "text": row.text,
            "url": receipt.url,
            "facts": dict(receipt.facts),
            "parent_external_id": row.answers.external_id if row.answers else "",
            **taken,
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_message SET search = %s::tsvector WHERE id = %s", [vector(row.text), message.pk]
        )
    return message, "earlier" in taken


@transaction.atomic
def settle_failed(
    row: Reply, state: Reply.State, failure: Exception, *, code: str = "", wait: float = 0.0
) -> None:
    if state in (Reply.State.QUEUED, Reply.State.UNSURE) and row.attempts >= RETRY_LIMIT:
        code = "gave_up" if state == Reply.State.QUEUED else NEVER_CERTAIN
        state = Reply.State.REFUSED
    text = (
        str(failure)
        if isinstance(failure, Failure)
        else _("Something went wrong on our side; it is being looked at.")
    )
    if not outbox.settle(row, state, failure=text, code=code, wait_seconds=wait):
        return
    counting.REPLIES.labels("later" if state == Reply.State.QUEUED else str(state.value)).inc()
    log.warning("reply.not_sent", state=state.value, code=code)
    if state == Reply.State.REFUSED:
        record(row.case, Event.Kind.REPLY_REFUSED, by=row.author, why=text, reply=row.pk, code=code)
    bus.publish(topics.case(row.case_id), topics.queue(row.brand_id))
