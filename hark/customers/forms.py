from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hark.brands.forms import ZONE_CHOICES

from .models import Person


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(
        label=_("Where they are"),
        required=False,
        choices=[("", _("Not known: the brand’s time zone counts")), *ZONE_CHOICES],
        help_text=_("“By Friday” is promised in this time zone."),
    )

    prefers = forms.ChoiceField(
        label=_("Where they like to talk in private"),
        required=False,
        choices=[
            ("", _("Not known: where they came last time counts")),
            *((value, capfirst(label)) for value, label in Person.Place.choices),
        ],
        help_text=_("Chosen already when somebody moves them to private."),
    )

    class Meta:
        model = Person
        fields = ["name", "about", "time_zone", "prefers"]
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "about": _(
                "What the team should know: how they like to be spoken to, what they fly with. Never leaves."
            )
        }

    def clean_about(self) -> str:
        about: str = self.cleaned_data["about"]
        if len(about) > 5000:
            raise forms.ValidationError(_("At most 5,000 characters."))
        return about
