"""An agent replies: `queue` writes the outbox row, `deliver` sends what is due, the receipt stops the clock."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from hark import counting
from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Message
from hark.channels import oauth
from hark.channels.base import (
    Author,
    Connection,
    NeedsReconnect,
    OutgoingFile,
    OutgoingReply,
    Receipt,
    Refused,
    TryLater,
    Unsure,
)
from hark.channels.models import Account
from hark.live import bus, topics
from hark.playbook import uses
from hark.replies import approving, outbox
from hark.replies.counting import fits, parts
from hark.replies.models import Draft, Reply, ReplyFile

from . import second_person
from .addressing import Address, address
from .coaching import let_through
from .settling import settle_failed, settle_sent

log = structlog.get_logger(__name__)

OUTBOX_WAKE = "hark_outbox"
UNDER_WAY = [Reply.State.APPROVAL, Reply.State.QUEUED, Reply.State.SENDING, Reply.State.UNSURE]


class SomebodyAnswered(NotPossible):
    """A colleague's answer, or a new message of the customer, came in while this one was written."""

    def __init__(self, text: str, message: Message | None = None, reply: Reply | None = None) -> None:
        super().__init__(text)
        self.message = message
        self.reply = reply


@transaction.atomic
def queue(
    case: Case,
    *,
    by: Member,
    private: bool,
    text: str,
    seen_version: int,
    confirmed: bool = False,
    press: uuid.UUID | None = None,
    files: Sequence[ReplyFile] = (),
    purpose: str = Reply.Purpose.ANSWER,
    handoff: str = "",
    handoff_url: str = "",
    why_held: str = "",
) -> list[Reply]:
    """Write down what a person has decided to send: one outbox row for each post. It leaves after the undo window.

    `seen_version` is the case's version on the agent's screen. Raises SomebodyAnswered when a colleague has answered
    since, unless `confirmed`; NotPossible, with a sentence, when it can't be sent like this, as for approved words without
    a word of one's own. `press` names the form that
    was pressed: pressing it again (a double click, the back button) gives the same rows and sends nothing more.
    Raises Held when the coach holds the words, unless `why_held` gives the reason of somebody with the right to send them.
    """
    if not by.may(Permission.REPLY) or by.brand_id != case.brand_id:
        raise NotPossible(_("Your role does not answer customers."))
    case = Case.objects.select_for_update(of=("self",)).select_related("brand").get(pk=case.pk)
    if case.state == Case.State.MERGED:
        raise NotPossible(_("This case was merged into another one. Answer there."))
    if press and (before := list(case.replies.filter(batch=press, author=by).order_by("position"))):
        return before
    if not confirmed:
        _nobody_answered(case, by, private, seen_version)
    let_through(case, text, by=by, private=private, purpose=purpose, why=why_held)
    cited = uses.cite(case, by=by, private=private, text=text)
    where = address(case, private=private)
    posts = _posts(where, text.replace("\0", "").strip(), files, private)
    now = timezone.now()
    batch = press or uuid.uuid4()
    rule = second_person.rule_for(case, by=by, text=text, private=private)
    rows = Reply.objects.bulk_create(
        Reply(
            brand_id=case.brand_id,
            case=case,
            account=where.account,
            thread=where.thread,
            answers=where.parent,
            author=by,
            private=private,
            purpose=purpose,
            text=post,
            batch=batch,
            state=Reply.State.APPROVAL if rule else Reply.State.QUEUED,
            position=position,
            handoff=handoff if position == len(posts) - 1 else "",
            handoff_url=handoff_url if position == len(posts) - 1 else "",
            queued_at=now,
            due_at=now + timedelta(seconds=case.brand.undo_seconds),
        )
        for position, post in enumerate(posts)
    )
    for file in files:
        file.reply = rows[0]
        file.save(update_fields=["reply"])
    if rule:
        approving.ask(rows, rule, by=by)
    uses.note(cited, rows[0])
    Draft.objects.filter(case=case, member=by, private=private).delete()
    if case.assignee_id is None:
        cases.assign(case, by, by=by, why=_("Answered first."))
    bus.publish(topics.case(case.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [OUTBOX_WAKE])
    log.info("reply.queued", replies=[row.pk for row in rows], **_trace(rows[0]))
    return rows


def _trace(row: Reply) -> dict[str, int | None]:
    """By which the log joins a reply to the delivery that it answers."""
    return {"case": row.case_id, "delivery": row.answers.delivery_id if row.answers else None}


def _nobody_answered(case: Case, by: Member, private: bool, seen_version: int) -> None:
    """Two agents never answer one customer unknowingly (mission A8). The case row is locked: one passes first."""
    under_way = (
        case.replies.filter(state__in=UNDER_WAY)
        .exclude(author=by)
        .exclude(purpose=Reply.Purpose.TRANSCRIPT)
        .select_related("author__user")
        .first()
    )
    if under_way:
        raise SomebodyAnswered(
            _("%(name)s is answering right now.") % {"name": under_way.author.user.first_name},
            reply=under_way,
        )
    if seen_version >= case.version:
        return
    newest = case.messages.select_related("member__user").order_by("-arrived_at", "-id")
    missed = [
        message
        for message in newest[: case.version - seen_version]
        if not (message.outbound and message.member_id == by.pk)  # one's own answer that left meanwhile
    ]
    if answer := next((message for message in missed if message.outbound), None):
        name = answer.member.user.first_name if answer.member else _("Somebody, outside Hark,")
        raise SomebodyAnswered(_("%(name)s has just answered.") % {"name": name}, message=answer)
    if missed:
        raise SomebodyAnswered(_("The customer has written something new."), message=missed[0])


def _posts(where: Address, text: str, files: Sequence[ReplyFile], private: bool) -> list[str]:
    can = where.account.network.can
    visibility = "private" if private else "public"
    if not text and not files:
        raise NotPossible(_("There is nothing to send yet."))
    allowed = can.files(visibility)
    if len(files) > allowed.max_count:
        raise NotPossible(
            _("%(network)s takes %(count)s pictures here.")
            % {"network": can.label, "count": allowed.max_count}
        )
    for file in files:
        if file.content_type not in allowed.types:
            raise NotPossible(
                _("%(network)s does not take %(name)s here.") % {"network": can.label, "name": file.name}
            )
        if allowed.alt_required and not file.alt.strip():
            raise NotPossible(
                _("Describe the picture “%(name)s” for those who can't see it.") % {"name": file.name}
            )
    limit = can.text_limit(visibility)
    if limit is None or fits(text, limit):
        return [text]
    if not (can.threads_long_text and not private):
        raise NotPossible(
            _("Too long for %(network)s: at most %(limit)s.") % {"network": can.label, "limit": limit.value}
        )
    return parts(text, limit)


# Sending ---------------------------------------------------------------------------------------------


def deliver(most: int = 10) -> int:
    """Send what is due; how many rows were tried. The network is called outside any transaction."""
    rows = outbox.claim(most)
    for row in rows:
        _send(row)
    return len(rows)


def _send(row: Reply) -> None:
    with structlog.contextvars.bound_contextvars(reply=row.pk, **_trace(row)):
        _try(row)


def _try(row: Reply) -> None:
    try:
        connection_ = _connection(row)
        outgoing = _outgoing(row)
        receipt = _look_for(row, connection_, outgoing) if row.state == Reply.State.UNSURE else None
        settle_sent(row, receipt or _publish(row, connection_, outgoing))
        counting.REPLIES.labels("sent").inc()
        log.info("reply.sent")
    except TryLater as failure:
        _pause(row.account, failure.seconds)
        settle_failed(row, Reply.State.QUEUED, failure, wait=failure.seconds)
    except Refused as failure:
        settle_failed(row, Reply.State.REFUSED, failure, code=failure.code)
    except NeedsReconnect as failure:
        oauth.note_reconnect(row.account, str(failure))
        bus.publish(topics.accounts(row.brand_id))
        settle_failed(row, Reply.State.HELD, failure, code="reconnect")
    except Unsure as failure:
        _pause(row.account, failure.seconds)
        settle_failed(row, Reply.State.UNSURE, failure, wait=min(5 * row.attempts, 300))
    except Exception as failure:
        log.exception("reply.adapter_failed")
        settle_failed(row, Reply.State.UNSURE, failure, wait=min(10 * row.attempts, 300))


def _connection(row: Reply) -> Connection:
    """The account for this call. Raises NeedsReconnect while it stands, since a call could only fail."""
    account = row.account
    if account.health == Account.Health.RECONNECT and row.state != Reply.State.UNSURE:
        raise NeedsReconnect(account.last_error or _("The account must be connected anew."))
    return oauth.connection(account)


def _look_for(row: Reply, connection_: Connection, outgoing: OutgoingReply) -> Receipt | None:
    """The receipt of what may be out there; None when it surely is not. Raises Unsure while nobody can tell."""
    try:
        _heed_pause(row)
        found: Receipt | None = row.account.network.find_sent(connection_, outgoing)
    except TryLater as failure:
        raise Unsure(str(failure), failure.seconds) from failure
    return found


def _publish(row: Reply, connection_: Connection, outgoing: OutgoingReply) -> Receipt:
    """Mark that it is being sent before it is: whoever finds the row after a crash knows to ask first."""
    if row.state == Reply.State.UNSURE:
        Reply.objects.filter(pk=row.pk, lease_until=row.lease_until).update(state=Reply.State.SENDING)
    bus.publish(topics.case(row.case_id))
    if (
        row.lease_until is None or timezone.now() >= row.lease_until
    ):  # held up so long that another may have sent it
        raise Unsure(_("The sender was held up; the network is asked first."))
    _heed_pause(row)
    try:
        approving.check(row)
    except NotPossible as problem:
        raise Refused("approval", str(problem)) from problem
    receipt: Receipt = row.account.network.send(connection_, outgoing)
    return receipt


def _heed_pause(row: Reply) -> None:
    """Raises TryLater when another sender was asked to wait since this row was claimed."""
    if Account.objects.filter(pk=row.account_id, paused_until__gt=timezone.now()).exists():
        raise TryLater(0, _("The network has asked us to wait."))


def _outgoing(row: Reply) -> OutgoingReply:
    parent, facts, thread = row.answers, {}, row.thread
    external_parent = parent.external_id if parent else ""
    if parent:
        facts = dict(parent.facts)
    if row.position:
        before = (
            Reply.objects.select_related("message").get(batch=row.batch, position=row.position - 1).message
        )
        if before:
            external_parent, facts = before.external_id, {**facts, **before.facts}
    profile = _profile_to(row)
    return OutgoingReply(
        key=str(row.key),
        visibility="private" if row.private else "public",
        text=row.text,
        to=profile,
        thread=thread.external_id if thread else "",
        parent=external_parent,
        parent_facts=facts,
        files=tuple(_file(file) for file in row.files.all()),
        handoff=row.handoff,
        handoff_url=row.handoff_url,
        queued_at=row.queued_at,
    )


def _profile_to(row: Reply) -> Author | None:
    if row.to_address:
        return Author(row.to_address)
    profiles = row.case.person.profiles.filter(channel=row.account.channel)
    profile = (row.answers.profile if row.answers else None) or profiles.order_by("-id").first()
    return Author(profile.external_id, profile.handle, profile.name) if profile else None


def _file(file: ReplyFile) -> OutgoingFile:
    content = (settings.HARK_MEDIA / file.stored).read_bytes()
    return OutgoingFile(file.name, file.content_type, content, file.alt, file.width, file.height)


def _pause(account: Account, seconds: float) -> None:
    """Nothing is sent for so long. A longer pause that another sender was told of stands."""
    if seconds >= 1:
        until = timezone.now() + timedelta(seconds=min(seconds, 3600))
        Account.objects.filter(pk=account.pk).update(paused_until=Greatest("paused_until", Value(until)))
