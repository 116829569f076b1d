"""What people type on the accounts pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Location, Member


class DiscardForm(forms.Form):
    reason = forms.CharField(label=_("Why nobody needs it"), max_length=200)


class LocationForm(forms.Form):
    """The place of business that an account is of."""

    location = forms.ModelChoiceField(
        Location.objects.none(), label=_("Location"), required=False, empty_label=_("the whole brand")
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["location"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Location.objects.visible_to(member).order_by("name")
        self.has_locations = choice.queryset.exists()
