"""Declaring actions."""

from __future__ import annotations

import secrets
from typing import Any

from hark.brands.models import Brand

from .models import Action

PRACTICE = "practice:refund"  # stands for an address: Hark answers itself, and no money moves
REFUND: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "reason"],
    "properties": {
        "amount": {"type": "number", "title": "Amount", "minimum": 0.01, "maximum": 100000},
        "reason": {"type": "string", "title": "What for", "maxLength": 120},
        "booking": {"type": "string", "title": "Booking", "maxLength": 12},
    },
}


def new_secret() -> str:
    """What signs calls: 256 random bits."""
    return "whsec_" + secrets.token_urlsafe(32)


def refund(brand: Brand, url: str) -> Action:
    """The sample's action, carried out at `url` or, with PRACTICE, nowhere. Declared before, it keeps its secret.

    Agents give up to 250 a case, leads and care managers up to 1000.
    """
    action = Action.objects.filter(brand=brand, name="Refund").first() or Action(brand=brand, name="Refund")
    action.url, action.schema, action.amount_field, action.currency = url, REFUND, "amount", "EUR"
    action.limits = action.limits or {"agent": "250.00", "lead": "1000.00", "manager": "1000.00"}
    if not action.sealed:
        action.secret = new_secret()
    action.save()
    return action
