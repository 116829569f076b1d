"""What happens on a secure page: it is found by its link, proven, opened once on one device, written on, closed."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from hark.brands import tokens
from hark.brands.jobs import send_later
from hark.brands.models import Brand, Member
from hark.cases.history import record
from hark.cases.models import Event, Thread
from hark.channels import intake
from hark.channels.models import Account, Delivery
from hark.channels.networks.secure import lines
from hark.channels.networks.secure.adapter import Secure
from hark.live import bus, topics
from hark.moves.models import Move

from .models import SecurePage

MOST_MISSES = 8  # wrong answers to what only the customer knows, or wrong codes; then the page closes
MOST_CODES = 5  # mails with a code
CODE_LASTS = timedelta(minutes=15)
TOKEN_LENGTH = 43  # 256 bits, as tokens.fresh() writes them
MOST_LINES = 200  # messages on one page


class Gone(Exception):
    """No page stands behind this link: never did, or no longer."""


class Elsewhere(Exception):
    """The page was opened on another device."""


class Wrong(Exception):
    """The answer or the code is not right; a sentence that says what can be done."""


class Full(Exception):
    """The page takes no more."""


# Finding ---------------------------------------------------------------------------------------------


def page_behind(token: str, device: str) -> SecurePage:
    """The page of a link, for this device. `opened_at` is None while nobody has opened it. Raises Gone or Elsewhere."""
    if len(token) != TOKEN_LENGTH:
        raise Gone
    found = SecurePage.objects.select_related("brand", "by__user", "case__person", "case__brand", "move")
    page = found.filter(token_hash=tokens.hashed(token)).first()
    if page is None or page.is_shut or page.erased_at:
        raise Gone
    if page.opened_at and not constant_time_compare(page.device_hash, tokens.hashed(device)):
        raise Elsewhere
    return page


def account_of(brand: Brand) -> Account:
    """The account under which the brand's pages write; made with the first page."""
    return Account.objects.get_or_create(
        brand=brand,
        channel=Secure.slug,
        external_id="pages",
        defaults={"handle": _("secure pages"), "name": brand.name},
    )[0]


# Proving ---------------------------------------------------------------------------------------------


def hash_of_answer(answer: str) -> str:
    """Letters and digits alone count, capital or small: "LS1 4AB" is "ls14ab". Keyed, since answers are short."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", answer).casefold() if letter.isalnum())
    return salted_hmac("hark.secure.fact", plain, algorithm="sha256").hexdigest()


def prove_by_facts(page: SecurePage, answers: Mapping[str, str]) -> None:
    """Raises Wrong; the page closes after too many of those. Which answer was wrong is not said."""
    right = [
        constant_time_compare(expected, hash_of_answer(answers.get(question, "")))
        for question, expected in page.facts
    ]
    if not (right and all(right)):
        _miss(page)


def send_code(page: SecurePage) -> None:
    """A code to the address that the agent knows. Raises Full after too many."""
    code = f"{secrets.randbelow(10**6):06}"
    with transaction.atomic():
        page = SecurePage.objects.select_for_update(of=("self",)).select_related("brand").get(pk=page.pk)
        if page.codes_sent >= MOST_CODES:
            raise Full
        page.code_hash, page.code_until = _hash_of_code(page, code), timezone.now() + CODE_LASTS
        page.codes_sent += 1
        page.save(update_fields=["code_hash", "code_until", "codes_sent"])
        send_later(
            to=page.email,
            subject=_("Your code for %(brand)s") % {"brand": page.brand.name},
            body=render_to_string("secure/code_mail.txt", {"page": page, "code": code}),
        )


def prove_by_code(page: SecurePage, code: str) -> None:
    """Raises Wrong; the page closes after too many of those. A code works once."""
    given = "".join(letter for letter in code if letter.isdigit())
    fresh = page.code_until is not None and page.code_until > timezone.now()
    if not (page.code_hash and fresh and constant_time_compare(page.code_hash, _hash_of_code(page, given))):
        _miss(page)
    SecurePage.objects.filter(pk=page.pk).update(code_hash="", code_until=None)


def _hash_of_code(page: SecurePage, code: str) -> str:
    return salted_hmac(f"hark.secure.code.{page.pk}", code, algorithm="sha256").hexdigest()


def _miss(page: SecurePage) -> None:
    with transaction.atomic():
        row = SecurePage.objects.select_for_update(of=("self",)).select_related("case").get(pk=page.pk)
        row.misses += 1
        row.save(update_fields=["misses"])
        left = MOST_MISSES - row.misses
        if left <= 0 and not row.closed_at:
            close(row, SecurePage.ClosedBy.GUESSES)
    if left <= 0:
        raise Gone
    raise Wrong(_("That does not match. Look again and try once more."))


# Opening, writing, closing ---------------------------------------------------------------------------


def open_for(page: SecurePage) -> str:
    """Bind the page to the device that opens it; the key that this device keeps. Raises Elsewhere for whoever comes second."""
    key, key_hash = tokens.fresh()
    now = timezone.now()
    with transaction.atomic():
        first = SecurePage.objects.filter(pk=page.pk, opened_at=None, closed_at=None)
        if not first.update(opened_at=now, seen_at=now, device_hash=key_hash):
            raise Elsewhere
        if Move.objects.filter(pk=page.move_id, followed_at=None).update(followed_at=now):
            record(page.case, Event.Kind.FOLLOWED, page=page.pk)
        bus.publish(topics.case(page.case_id))
    return key


def say(
    page: SecurePage, token: str, key: uuid.UUID, text: str, files: Sequence[lines.File] = (), form: str = ""
) -> None:
    """Store what the customer wrote; safe when the transaction commits. The same key again changes nothing. Raises Full."""
    name = page.name_of_thread
    account = account_of(page.brand)
    line = lines.Line(name, str(key), timezone.now(), text, page.case.person.name, token, form, tuple(files))
    with transaction.atomic():
        Thread.objects.get_or_create(
            account=account, external_id=name, defaults={"brand_id": page.brand_id, "private": True}
        )
        if page.messages().count() >= MOST_LINES:
            raise Full
        intake.append(account, [line.envelope()])


def said_before_it_arrived(page: SecurePage) -> list[lines.Line]:
    """Lines that are stored and not read yet: on their page they stand at once."""
    waiting = Delivery.objects.filter(
        brand=page.brand_id,
        state=Delivery.State.WAITING,
        account__channel=Secure.slug,
        event_key__startswith=f"{page.name_of_thread}/",
    ).order_by("pk")
    found = []
    for raw in waiting.values_list("raw", flat=True):
        try:
            found.append(lines.decode(bytes(raw)))
        except msgspec.DecodeError:
            continue
    return found


def close(page: SecurePage, who: SecurePage.ClosedBy, *, by: Member | None = None) -> None:
    """The link opens nothing any more. What was said stays with the case until it is erased."""
    if not SecurePage.objects.filter(pk=page.pk, closed_at=None).update(
        closed_at=timezone.now(), closed_by=who
    ):
        return
    record(page.case, Event.Kind.PAGE_CLOSED, by=by, why=str(SecurePage.ClosedBy(who).label), page=page.pk)
    bus.publish(topics.case(page.case_id))
