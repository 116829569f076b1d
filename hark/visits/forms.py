"""The contact form: works without script, arrives as a private message."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.channels.networks.webchat.lines import TEXT_LIMIT


class ContactForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    message = forms.CharField(
        label=_("What can we do for you?"), max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 6})
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)  # sent twice, it is one message
    handoff = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    website = forms.CharField(required=False, widget=forms.HiddenInput)  # people see nothing to fill in here

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This message could not be sent."))
        return ""
