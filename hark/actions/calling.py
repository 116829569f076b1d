"""Calling the other system: runs claimed by lease, signed, and repeated with the same key until an answer is certain.

Signed after the Standard Webhooks convention (webhook-id, webhook-timestamp, webhook-signature), with the run's key as
Idempotency-Key. Which answer means what: docs/actions.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from datetime import timedelta

import httpx
import msgspec
import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.cases import actions as cases
from hark.cases.history import record
from hark.cases.models import Event
from hark.web import outbound

from . import declaring
from .models import Run

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=90)  # longer than a call may take
MOST_ATTEMPTS = 12  # about an hour; then a person looks
MOST_BYTES = 64 * 1024
AGAIN = {408, 409, 425, 429}  # not decided: ask again with the same key


class Answer(msgspec.Struct):
    """What the other system may say of it."""

    text: str = ""
    reference: str = ""


def work(most: int = 5) -> int:
    """Call what is due; how many runs were tried. The network is used outside any transaction."""
    rows = _claim(most)
    for row in rows:
        _call(row)
    return len(rows)


def sign(secret: str, key: str, at: int, body: bytes) -> str:
    signed = hmac.new(secret.encode(), f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _claim(most: int) -> list[Run]:
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            Run.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                Q(state=Run.State.QUEUED, due_at__lte=now) | Q(state=Run.State.CALLING, lease_until__lte=now)
            )
            .select_related("action", "case", "by__user")
            .order_by("due_at", "id")[:most]
        )
        for row in rows:
            row.state, row.lease_until, row.attempts = Run.State.CALLING, now + LEASE, row.attempts + 1
            row.save(update_fields=["state", "lease_until", "attempts"])
    return rows


def _call(row: Run) -> None:
    if not row.action.secret:
        lost = _(
            "The secret that signs its calls can’t be read here. Saving the action in the settings makes a new one."
        )
        return _settle(row, Run.State.FAILED, Answer(text=lost))
    try:
        status, said = _post(row)
    except outbound.AddressRefused as problem:
        return _settle(row, Run.State.FAILED, Answer(text=str(problem)))
    except (httpx.HTTPError, outbound.AnswerTooLong) as problem:
        log.warning("action.unreachable", run=row.pk, problem=type(problem).__name__)
        return _again(row)
    if 200 <= status < 300:
        return _settle(row, Run.State.DONE, said)
    if 400 <= status < 500 and status not in AGAIN:
        return _settle(row, Run.State.FAILED, said)
    return _again(row)


def _post(row: Run) -> tuple[int, Answer]:
    if row.action.url == declaring.PRACTICE:
        return 200, _practise(row)
    key, at = str(row.key), int(time.time())
    body = msgspec.json.encode(
        {
            "action": row.action.name,
            "key": key,
            "case": row.case_id,
            "by": row.by.user.email,
            "values": row.values,
        }
    )
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(row.action.secret, key, at, body),
    }
    with (
        outbound.client() as http,
        http.stream("POST", outbound.check_url(row.action.url), content=body, headers=headers) as answer,
    ):
        content = outbound.read_capped(answer, MOST_BYTES)
    try:
        return answer.status_code, msgspec.json.decode(content, type=Answer)
    except msgspec.MsgspecError:
        return answer.status_code, Answer()


def _practise(row: Run) -> Answer:
    """As a system would answer. Nothing is called and nothing is kept: the same key has the same receipt."""
    receipt = f"R-{row.key.hex[:6].upper()}"
    return Answer(
        _("%(sum)s given back, receipt %(receipt)s (practice: no money moved)")
        % {"sum": row.sum, "receipt": receipt},
        receipt,
    )


def _again(row: Run) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        return _settle(
            row, Run.State.UNSURE, Answer(text=_("No certain answer came. Look in the other system."))
        )
    wait = timedelta(seconds=min(2**row.attempts, 600))
    Run.objects.filter(pk=row.pk, lease_until=row.lease_until).update(
        state=Run.State.QUEUED, due_at=timezone.now() + wait, lease_until=None
    )
    return None


@transaction.atomic
def _settle(row: Run, state: Run.State, said: Answer) -> None:
    """Once: whoever holds the lease. The history and the screens know in the same commit."""
    text = " ".join(said.text.replace("\0", "").split())[:500] or str(state.label).capitalize()
    mine = Run.objects.filter(pk=row.pk, lease_until=row.lease_until).update(
        state=state,
        text=text,
        reference=said.reference.replace("\0", "")[:100],
        done_at=timezone.now(),
        lease_until=None,
    )
    if mine:
        kind = Event.Kind.ACTION_DONE if state == Run.State.DONE else Event.Kind.ACTION_FAILED
        record(row.case, kind, by=row.by, why=f"{row}: {text}", run=row.pk)
        cases.announce(row.case)
        log.info("action.settled", run=row.pk, state=state.value)
