"""What people type on the accounts pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DiscardForm(forms.Form):
    reason = forms.CharField(label=_("Why nobody needs it"), max_length=200)
