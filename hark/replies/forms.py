"""What the composer sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReplyForm(forms.Form):
    """The words, where they go, and what their author had seen when they pressed the button."""

    text = forms.CharField(required=False, max_length=20_000, strip=False)
    to = forms.ChoiceField(choices=[("public", "public"), ("private", "private")])
    seen_version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    confirmed = forms.BooleanField(required=False)
    why_held = forms.CharField(required=False, max_length=500)
    press = forms.UUIDField(required=False)  # of the form that was shown: pressing it twice sends once

    @property
    def private(self) -> bool:
        return bool(self.cleaned_data["to"] == "private")


class PictureForm(forms.Form):
    picture = forms.FileField(label=_("Picture"))
    alt = forms.CharField(
        label=_("What it shows, for those who can’t see it"), required=False, max_length=1000
    )


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why others should not see it"),
        max_length=300,
        help_text=_(
            "Hiding criticism makes it louder: for insults, spam and what puts people at risk. It stands in the history."
        ),
    )


class CorrectionForm(forms.Form):
    text = forms.CharField(
        label=_("What it should say"),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
