"""What the style guide shows: one of each component, with invented people."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .assets import FOLDER

NETWORKS = [
    ("Bluesky", "n-bluesky"),
    ("Mastodon", "n-mastodon"),
    ("Telegram", "n-telegram"),
    ("X", "n-x"),
    ("Facebook", "n-facebook"),
    ("Instagram", "n-instagram"),
    ("YouTube", "n-youtube"),
    ("Reddit", "n-reddit"),
    ("Google reviews", "n-google"),
    ("WhatsApp", "n-whatsapp"),
    ("E-mail", "n-mail"),
    ("Phone", "n-phone"),
    ("Web chat", "n-webchat"),
    ("Secure page", "n-secure"),
    ("App reviews", "n-app"),
    ("Feed", "n-rss"),
    ("LinkedIn", "n-linkedin"),
    ("TikTok", "n-tiktok"),
    ("Practice", "n-practice"),
    ("Archive", "n-archive"),
]


class SpecimenForm(forms.Form):
    """Each kind of field once; shown with an error in `due`."""

    name = forms.CharField(
        label=_("Name of the case"), initial="Pushchair frame snapped", help_text=_("Customers never see it.")
    )
    due = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}))
    team = forms.ChoiceField(label=_("Team"), choices=[("care", "Care"), ("sales", "Sales")], required=False)
    remind = forms.BooleanField(label=_("Remind me the day before"), initial=True, required=False)
    reopening = forms.ChoiceField(
        label=_("When somebody writes again"),
        choices=[("reopen", _("the closed case reopens")), ("new", _("a new case begins"))],
        widget=forms.RadioSelect,
        initial="reopen",
    )


def tokens() -> list[str]:
    """Names of the colours in tokens.css, in its order."""
    css = (FOLDER / "css" / "tokens.css").read_text()
    return re.findall(r"--([\w-]+):\s*(?:light-dark|oklch)\(", css)


def icons() -> list[str]:
    sprite = (FOLDER / "icons.svg").read_text()
    return [name for name in re.findall(r'id="i-([\w-]+)"', sprite) if not name.startswith("n-")]


def all_of_them() -> dict[str, Any]:
    now = timezone.now()
    form = SpecimenForm(
        {"name": "Pushchair frame snapped", "due": "yesterday", "reopening": "reopen", "remind": "on"}
    )
    form.errors["due"] = form.error_class([str(_("That is in the past. Choose a day from now on."))])
    return {
        "tokens": tokens(),
        "icons": icons(),
        "networks": NETWORKS,
        "form": form,
        "late": now - timedelta(minutes=12, seconds=20),
        "soon": now + timedelta(minutes=4, seconds=40),
        "fine": now + timedelta(minutes=52, seconds=30),
        "later": now + timedelta(hours=5, minutes=10),
        "next_week": now + timedelta(days=6, hours=3, minutes=1),
        "just_now": now - timedelta(minutes=3),
        "yesterday": now - timedelta(days=1),
        "last_year": now - timedelta(days=400),
    }
