"""What a customer sends from their page."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.channels.networks.secure.lines import TEXT_LIMIT

from .files import MOST_FILES


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class LetterForm(forms.Form):
    """Where the conversation goes. `sure`: the address was shown once more, and confirmed."""

    address = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if not address.isascii():
            raise forms.ValidationError(_("We can only write to addresses of plain letters."))
        return address


class SayForm(forms.Form):
    """Words, files, or both."""

    text = forms.CharField(
        label=_("Your message"),
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    upload = forms.Field(
        label=_("Pictures or PDF"),
        required=False,
        widget=Files(attrs={"accept": "image/*,.pdf,application/pdf"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)  # sent twice, it is one message

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        given = self.files.getlist("upload") if hasattr(self.files, "getlist") else []
        told["upload"] = given
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)s files at once."), params={"most": MOST_FILES})
        told["text"] = str(told.get("text") or "").replace("\0", "").strip()
        if not told["text"] and not given:
            raise forms.ValidationError(_("There is nothing to send yet."))
        return told
