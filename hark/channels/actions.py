"""Plain verbs on accounts: connect, connect anew, disconnect, renew secrets, set a delivery aside for good."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Brand, Location, Member
from hark.live import bus, topics
from hark.web.problems import NotPossible

from .credentials import Sealed
from .models import Account, Delivery

SECRET = "_secret"  # noqa: S105  credentials whose names end so are ours to make, and renewed by `renew_secrets`
BEFORE = "_before"
HEARD_AGAIN = timedelta(seconds=10)


@transaction.atomic
def connect(brand: Brand, channel: str, fields: Mapping[str, Any]) -> Account:
    """The account that a connect form proved, connected. One that the brand had before is taken up again, history and all.

    Secrets of ours that others already use stay as they are: `renew_secrets` changes those.
    `fields`: external_id, handle, and if there are any name, settings, credentials, token_expires_at, and location: the name
    of the place of business that a new account is of, which is made if the brand has none of that name.
    """
    account = (
        Account.objects.select_for_update(of=("self",))
        .filter(brand=brand, channel=channel, external_id=fields["external_id"])
        .first()
    )
    if account is None:
        account = Account(brand=brand, channel=channel, external_id=fields["external_id"])
        account.location = _location(brand, str(fields.get("location") or "").strip()[:80])
    account.handle = str(fields["handle"])[:200]
    account.name = str(fields.get("name") or "")[:120]
    account.settings = {**account.settings, **fields.get("settings", {})}
    account.token_expires_at, account.told = fields.get("token_expires_at") or _ends(fields), ""
    ours = {
        name: secret for name, secret in _held(account).items() if is_ours(account, name.removesuffix(BEFORE))
    }
    account.seal({**fields.get("credentials", {}), **ours})
    account.health, account.last_error, account.last_error_at = Account.Health.GOOD, "", None
    account.paused_until, account.disconnected_at, account.connected_at = None, None, timezone.now()
    account.save()
    bus.publish(topics.accounts(brand.pk))
    return account


def _ends(fields: Mapping[str, Any]) -> datetime | None:
    """When a token ends that nothing renews but a person."""
    held = fields.get("credentials", {})
    ends = held.get("access_ends")
    return (
        datetime.fromtimestamp(ends, UTC)
        if isinstance(ends, int | float) and not held.get("refresh")
        else None
    )


def _location(brand: Brand, name: str) -> Location | None:
    if not name:
        return None
    return Location.objects.filter(brand=brand, name__iexact=name).first() or Location.objects.create(
        brand=brand, name=name
    )


def locate(account: Account, location: Location | None) -> None:
    """From now on, what begins at this account is of that location (None: of the whole brand). For all: journeys/relocation.py."""
    account.location = location
    account.save(update_fields=["location"])
    bus.publish(topics.accounts(account.brand_id))


def reconnect(account: Account, fields: Mapping[str, Any]) -> Account:
    """The same account with new credentials. Raises NotPossible when the form proved another one."""
    if fields["external_id"] != account.external_id:
        raise NotPossible(
            _("That is another account (%(other)s), not %(this)s. Connect it as a new one.")
            % {"other": fields["handle"], "this": account.handle}
        )
    return connect(account.brand, account.channel, fields)


def is_ours(account: Account, name: str) -> bool:
    """Whether this credential is a secret that we make, and not one that the network gave."""
    return name.endswith(SECRET) and name not in account.network.can.given_secrets


def _held(account: Account) -> dict[str, Any]:
    try:
        return account.credentials
    except Sealed:  # its key is lost: that is why it is connected anew
        return {}


@transaction.atomic
def disconnect(account: Account) -> None:
    """Stop hearing and speaking as this account and forget its credentials. Cases and messages stay."""
    account.disconnected_at = timezone.now()
    account.encrypted = b""
    account.gap, account.paused_until, account.token_expires_at = "", None, None
    account.save(update_fields=["disconnected_at", "encrypted", "gap", "paused_until", "token_expires_at"])
    bus.publish(topics.accounts(account.brand_id))


@transaction.atomic
def renew_secrets(account: Account) -> dict[str, str]:
    """New secrets for what the account signs or is signed with, by name. The ones before go on working until the next time.

    Raises NotPossible for an account that has none.
    """
    held = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    before = held.credentials
    names = [name for name in before if is_ours(held, name)]
    if not names or held.disconnected_at:
        raise NotPossible(_("This account has no secret of ours."))
    fresh = {name: secrets.token_urlsafe(32) for name in names}
    held.seal({**before, **{name + BEFORE: before[name] for name in names}, **fresh})
    held.save(update_fields=["encrypted"])
    return fresh


@transaction.atomic
def discard(delivery: Delivery, *, by: Member, reason: str) -> None:
    """Set a delivery that can't be read aside for good. The row stays, with who did it and why.

    Raises NotPossible when it has been read, or set aside, in the meantime.
    """
    said = _("Set aside by %(name)s on %(day)s: %(reason)s") % {
        "name": by,
        "day": timezone.now().strftime("%Y-%m-%d"),
        "reason": reason,
    }
    found = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.UNREADABLE).update(
        state=Delivery.State.DISCARDED, problem=f"{delivery.problem}\n{said}"
    )
    if not found:
        raise NotPossible(_("It is no longer among those that can’t be read."))
    bus.publish(topics.accounts(delivery.brand_id))


def note_heard(account_ids: Iterable[int]) -> None:
    """These accounts had messages just now; said at most once in some seconds, so that a busy one writes nothing else."""
    now = timezone.now()
    stale = Q(last_message_at=None) | Q(last_message_at__lt=now - HEARD_AGAIN)
    Account.objects.filter(stale, pk__in=list(account_ids)).update(last_message_at=now, last_seen_at=now)


def spend(account_id: int, micros: int) -> None:
    """Count what a call cost, in millionths of the network's currency."""
    if micros:
        with transaction.atomic():
            account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
            account.spend(micros)
            account.save(update_fields=["spent_month", "spent_micros"])
