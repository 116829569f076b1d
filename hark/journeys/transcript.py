"""The conversation of a secure page as a letter to the customer, because they asked for it (mission P5)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.channels.abilities import Welcomes
from hark.channels.models import Account
from hark.customers.personal_details import find, pieces
from hark.live import bus, topics
from hark.replies.models import Reply
from hark.secure import reading
from hark.secure.models import SecurePage

from .reply import OUTBOX_WAKE

MOST = 5  # letters of one case: each goes to an address that only its reader has typed
COVERED = ("card", "iban")  # in a letter, which many servers pass on
NAMESPACE = uuid.UUID("6f0d1a0a-52d1-4d0e-8a70-6f6f3b3a9e11")


def mailbox_for(page: SecurePage) -> Account | None:
    """The brand's own mailbox that a transcript can leave from: the location's before any other; None without one."""
    accounts = Account.objects.connected().filter(brand=page.brand_id).order_by("id")
    able = [account for account in accounts if isinstance(account.network, Welcomes)]
    return min(able, key=lambda account: account.location_id != page.case.location_id, default=None)


@transaction.atomic
def send(page: SecurePage, to: str) -> Reply:
    """Put it into the outbox; the same words to the same address leave once. Raises NotPossible, with a sentence."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=page.case_id)
    mailbox = mailbox_for(page)
    if mailbox is None:
        raise NotPossible(_("We can’t send letters at the moment. You can save the conversation instead."))
    said = reading.conversation(page)
    if not said:
        raise NotPossible(_("Nothing was said here yet."))
    batch = uuid.uuid5(NAMESPACE, f"{page.pk} {to.lower()} {reading.stamp(said)}")
    asked = Reply.objects.filter(case=case, purpose=Reply.Purpose.TRANSCRIPT)
    if before := asked.filter(batch=batch).first():
        return before
    if asked.count() >= MOST:
        raise NotPossible(_("You have had several letters already. You can save the conversation instead."))
    now = timezone.now()
    row = Reply.objects.create(
        brand_id=page.brand_id,
        case=case,
        account=mailbox,
        author=page.by,
        private=True,
        purpose=Reply.Purpose.TRANSCRIPT,
        text=render_to_string(
            "secure/transcript_mail.txt", {"page": page, "lines": list(_covered(reading.written(page, said)))}
        ),
        to_address=to,
        batch=batch,
        queued_at=now,
        due_at=now,
    )
    record(case, Event.Kind.TRANSCRIPT, reply=row.pk)
    bus.publish(topics.case(case.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [OUTBOX_WAKE])
    return row


def forget(page: SecurePage) -> None:
    """What waits to leave does not leave any more, and no address of a letter is kept."""
    rows = Reply.objects.filter(case=page.case_id, purpose=Reply.Purpose.TRANSCRIPT)
    waits = (Reply.State.QUEUED, Reply.State.HELD, Reply.State.REFUSED)
    rows.filter(state__in=waits).update(state=Reply.State.WITHDRAWN)
    rows.update(text="", to_address="")


def _covered(lines: Iterable[str]) -> Iterator[str]:
    """With card and account numbers covered; a line is never longer than what is looked at."""
    for line in lines:
        spans = [span for span in find(line) if span.kind in COVERED]
        yield "".join(f"[{span.label}]" if span else part for part, span in pieces(line, spans))
