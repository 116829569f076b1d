"""What a lead says when they declare a crisis, and when it is over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand


class IncidentForm(forms.Form):
    what = forms.CharField(
        label=_("What has happened"),
        max_length=200,
        help_text=_("A sentence. It stands above every page of your brand until it is over."),
    )
    issue = forms.ChoiceField(
        label=_("Which cases it touches"),
        required=False,
        help_text=_("Of a known issue: those whose customers speak of it. Settings, Voice lists them."),
    )

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        super().__init__(data)
        issues = [(issue, issue) for issue in brand.voice.get("known_issues", [])]
        self.fields["issue"].choices = [("", _("all of them")), *issues]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    outcome = forms.CharField(label=_("How it ended"), required=False, max_length=200)
