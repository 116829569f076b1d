"""A secure page is offered to a customer, and erased when its time is over (mission P5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands import tokens
from hark.brands.models import Member
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.channels.base import IncomingMessage
from hark.channels.models import Delivery
from hark.channels.reading import Incoming
from hark.customers import actions as customers
from hark.customers.models import Person
from hark.live import bus, topics
from hark.moves.models import Move
from hark.replies.models import Reply
from hark.secure import actions, asking, files
from hark.secure.models import AskedForm, Rules, SecurePage

from . import transcript
from .addressing import address
from .erasing import erase
from .reply import queue

log = structlog.get_logger(__name__)

MECHANISM = "secure"


@dataclass(frozen=True)
class Wanted:
    """What the agent chose: what the customer is asked for, and how they prove who they are."""

    wish: str = ""
    form: AskedForm | None = None
    proof: str = SecurePage.Proof.NONE
    email: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)  # question → the right answer


def goes_in_private(case: Case) -> bool:
    """Whether the link can go by a private message from here; otherwise everybody can read it."""
    try:
        address(case, private=True)
    except NotPossible:
        return False
    return True


@transaction.atomic
def offer(
    case: Case,
    *,
    by: Member,
    reason: str,
    text: str,
    private: bool,
    wanted: Wanted,
    seen_version: int,
    confirmed: bool = False,
    press: uuid.UUID | None = None,
    remember: bool = False,
) -> SecurePage:
    """Send the line with the link, and make the page that it opens. Raises NotPossible; SomebodyAnswered as `queue` does.

    A link in public is read by everybody, so it needs a check. `remember`: the customer prefers such a page, from now on.
    """
    if reason not in Move.Reason.values:
        raise NotPossible(_("Say why private is better for the customer."))
    rules = Rules.of(case.brand)
    _check(wanted, rules, private)
    token, token_hash = tokens.fresh()
    url = f"{settings.HARK_PUBLIC_URL}/s/{token}"
    rows = queue(
        case,
        by=by,
        private=private,
        text=f"{text.rstrip()} {url}",
        seen_version=seen_version,
        confirmed=confirmed,
        press=press,
        purpose=Reply.Purpose.INVITE,
        handoff="" if private else "link",
        handoff_url="" if private else url,
    )
    if before := SecurePage.objects.filter(move__reply=rows[-1]).first():
        return before  # the same press; asked with the case locked
    now = timezone.now()
    opens = now + timedelta(hours=rules.link_hours)
    closes = opens + timedelta(days=rules.open_days)
    move = Move.objects.create(
        brand_id=case.brand_id,
        case=case,
        by=by,
        reason=reason,
        mechanism=MECHANISM,
        token_hash=token_hash,
        expires_at=closes,
        reply=rows[-1],
    )
    page = SecurePage.objects.create(
        brand_id=case.brand_id,
        case=case,
        move=move,
        by=by,
        token_hash=token_hash,
        wish=wanted.wish,
        form_name=wanted.form.name if wanted.form else "",
        form_lines=wanted.form.lines if wanted.form else "",
        proof=wanted.proof,
        email=wanted.email if wanted.proof == SecurePage.Proof.EMAIL else "",
        facts=_hashed(wanted),
        open_until=opens,
        closes_at=closes,
        keep_days=rules.keep_days,
    )
    if remember:
        customers.prefer(case.person_id, Person.Place.SECURE)
    record(case, Event.Kind.MOVED, by=by, why=str(move.get_reason_display()), mechanism=MECHANISM)
    return page


def _check(wanted: Wanted, rules: Rules, private: bool) -> None:
    if wanted.form:
        asking.questions(wanted.form.lines)
    if wanted.proof == SecurePage.Proof.EMAIL and not wanted.email:
        raise NotPossible(_("Give the e-mail address that the code goes to."))
    if wanted.proof == SecurePage.Proof.FACTS and not _hashed(wanted):
        raise NotPossible(_("Fill in what the customer will be asked, as you know it."))
    if wanted.proof != SecurePage.Proof.NONE:
        return
    if not private:
        raise NotPossible(_("Everybody can read a public line, so the page needs a check: choose one."))
    if rules.always_check:
        raise NotPossible(_("The rules of the brand ask for a check: choose one."))


def _hashed(wanted: Wanted) -> list[list[str]]:
    if wanted.proof != SecurePage.Proof.FACTS:
        return []
    return [
        [question, actions.hash_of_answer(answer)]
        for question, answer in wanted.facts.items()
        if any(letter.isalnum() for letter in answer)
    ]


def erase_due() -> int:
    """Erase what was said on pages whose time is over: words, files, raw deliveries. How many pages; once a night."""
    files.tidy()
    over = SecurePage.objects.shut().filter(erased_at=None).select_related("case", "brand")
    due = [page for page in over.iterator() if page.erase_at <= timezone.now()]
    for page in due:
        _erase(page)
    return len(due)


@transaction.atomic
def _erase(page: SecurePage) -> None:
    account = actions.account_of(page.brand)
    now = timezone.now()
    said = page.messages().filter(deleted_at=None)
    count = erase(
        [
            Incoming(Delivery(id=0), account, IncomingMessage("deleted", external_id, at=now))
            for external_id in said.values_list("external_id", flat=True)
        ]
    )
    transcript.forget(page)
    SecurePage.objects.filter(pk=page.pk).update(
        erased_at=now, email="", facts=[], wish="", form_lines="", device_hash="", code_hash=""
    )
    if count:
        record(page.case, Event.Kind.PAGE_ERASED, page=page.pk, messages=count)
        bus.publish(topics.case(page.case_id))
    log.info("secure_page.erased", page=page.pk, messages=count)
