"""Connecting an account of the practice network: a form for people, `start` for demos."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand
from hark.channels.abilities import Setup
from hark.channels.models import Account

from . import world
from .models import World


class ConnectForm(forms.Form):
    """How busy the practice network should be."""

    setup = Setup(
        needs=(_("Nothing: its customers are played, and nothing leaves this installation."),),
        steps=(_("Choose how busy it should be."),),
    )

    PACES = [
        ("0.5", _("slowly")),
        ("1", _("as in life")),
        ("3", _("three times as fast")),
        ("10", _("a drill")),
    ]
    CROWDS = [("10", _("10")), ("30", _("30")), ("100", _("100"))]

    brand: Brand  # set by the settings page before it asks
    pace = forms.ChoiceField(label=_("Customers write"), choices=PACES, initial="1")
    patience = forms.ChoiceField(
        label=_("Nobody new comes while this many wait"), choices=CROWDS, initial="30"
    )

    def connected(self) -> dict[str, Any]:
        """The account's fields; the world behind it is made, or takes up the new pace. One world a brand."""
        ensure_world(
            self.brand, pace=float(self.cleaned_data["pace"]), patience=int(self.cleaned_data["patience"])
        )
        return {
            "external_id": identity(self.brand),
            "handle": f"@{self.brand.slug}",
            "name": self.brand.name,
            "credentials": {"hook_secret": secrets.token_urlsafe(32)},
        }


def ensure_world(brand: Brand, *, pace: float = 1.0, patience: int = 30) -> World:
    found = World.objects.filter(external_id=identity(brand)).first()
    if found is None:
        return world.open_world(
            identity(brand), handle=brand.slug, name=brand.name, pace=pace, patience=patience
        )
    World.objects.filter(pk=found.pk).update(pace=pace, patience=patience)
    return found


@transaction.atomic
def start(brand: Brand) -> Account:
    """The brand's practice account, connected and with customers on their way."""
    ensure_world(brand)
    account = Account.objects.filter(brand=brand, channel="practice", external_id=identity(brand)).first()
    if account is None:
        account = Account(
            brand=brand,
            channel="practice",
            external_id=identity(brand),
            handle=f"@{brand.slug}",
            name=brand.name,
        )
        account.seal({"hook_secret": secrets.token_urlsafe(32)})
    account.disconnected_at = None
    account.save()
    return account


def identity(brand: Brand) -> str:
    """What the practice network calls the brand; a short name may change hands, this does not."""
    return f"brand-{brand.pk}"
