"""What people fill in about themselves and their brand."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hark.brands import actions

from .models import Brand, User

ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones()) if "/" in zone]
ZONE_CHOICES = [
    ("UTC", "UTC"),
    *(zone for zone in ZONES if not zone[0].startswith(("Etc/", "posix/", "right/"))),
]


def new_password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A few words that only you would put together work well."),
        strip=False,
        max_length=256,
    )


class NewUserForm(forms.Form):
    """Name and password of somebody whose address is known."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = new_password()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        who = User(email=self.email, name=self.cleaned_data.get("name", ""))
        password_validation.validate_password(password, who)
        return password


class SetUpForm(forms.Form):
    """A brand of one's own, and on an empty installation the first user with it."""

    brand = forms.CharField(label=_("Name of your brand"), max_length=80)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONE_CHOICES, initial="UTC")
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = new_password()

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user:
            for name in ("name", "email", "password"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "password" in values:
            who = User(email=values.get("email", ""), name=values.get("name", ""))
            try:
                password_validation.validate_password(values["password"], who)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return values

    def create(self) -> tuple[Brand, User]:
        """The brand and its owner; whoever sets up an empty installation becomes its operator."""
        values = self.cleaned_data
        with transaction.atomic():
            owner = self.user or actions.add_user(
                values["email"],
                name=values["name"],
                password=values["password"],
                operator=True,
                time_zone=values["time_zone"],
            )
            return actions.add_brand(values["brand"], owner=owner, time_zone=values["time_zone"]), owner


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONE_CHOICES)

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        keep_zone(self.fields["time_zone"], self.instance.time_zone)


def keep_zone(field: forms.Field, zone: str) -> None:
    """A zone that is set already stays choosable, even an old name such as `CET`."""
    if isinstance(field, forms.ChoiceField) and zone not in dict(ZONE_CHOICES):
        field.choices = [(zone, zone), *ZONE_CHOICES]
