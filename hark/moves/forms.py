from __future__ import annotations

import uuid

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .models import Move


class MoveForm(forms.Form):
    """Why moving helps the customer, and the public line that invites them."""

    reason = forms.ChoiceField(
        label=_("Why does it help the customer?"),
        choices=[(value, capfirst(label)) for value, label in Move.Reason.choices],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("The public line that invites"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Hark prepared it. Make it yours: everybody can read it."),
    )
    remember = forms.BooleanField(label=_("Remember that they like it this way"), required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    press = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
