"""What is asked for a promise."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.forms import answering


class UntilField(forms.DateTimeField):
    """A day and a time in the zone that is active while the form is read and shown."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Until when"))
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        at = super().clean(value)
        if at is not None and at <= timezone.now():
            raise forms.ValidationError(_("That is in the past. Choose a time from now on."))
        return at


class OwnerField(forms.ChoiceField):
    """Who keeps it: members who answer customers."""

    def choose_from(self, brand: Brand) -> None:
        self.people = {str(member.pk): member for member in answering(brand)}
        self.choices = [(pk, str(member)) for pk, member in self.people.items()]

    def clean(self, value: Any) -> Member:
        return self.people[super().clean(value)]


class PromiseForm(forms.Form):
    """What the customer was told, until when, and who keeps it."""

    what = forms.CharField(
        label=_("What was promised"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In a few words, as the customer was told."),
    )
    until = UntilField()
    owner = OwnerField(label=_("Who keeps it"))
    press = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, brand: Brand, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choose_from(brand)  # type: ignore[attr-defined]
        self.fields["until"].help_text = _("In the zone %(zone)s.") % {"zone": zone}


class AnewForm(forms.Form):
    until = UntilField(label=_("The new time"))
    why = forms.CharField(
        label=_("Why the first one can’t be kept"),
        max_length=500,
        help_text=_("For the record of the case. Hark prepares the words for the customer."),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = _("In the zone %(zone)s.") % {"zone": zone}


class BrokenForm(forms.Form):
    why = forms.CharField(label=_("Why it was not kept"), max_length=500)


class GiveForm(forms.Form):
    to = OwnerField(label=_("Who keeps it from now on"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choose_from(brand)  # type: ignore[attr-defined]
