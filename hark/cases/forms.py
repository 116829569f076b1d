"""What is asked for the verbs of a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member, Team
from hark.brands.permissions import Permission
from hark.cases.models import Case, Tag

LANGUAGES = (
    "ar",
    "da",
    "de",
    "en",
    "es",
    "fi",
    "fr",
    "he",
    "hi",
    "it",
    "ja",
    "ko",
    "nl",
    "no",
    "pl",
    "pt",
    "ru",
    "sv",
    "th",
    "tr",
    "uk",
    "zh",
)


def answering(brand: Brand) -> list[Member]:
    """Members who may take a case, by name."""
    members = Member.objects.active().filter(brand=brand).select_related("user").order_by("user__name", "pk")
    return [member for member in members if member.may(Permission.REPLY)]


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Why"), required=False, max_length=500, widget=forms.TextInput)


class AssignForm(WhyForm):
    to = forms.ChoiceField(label=_("Who answers this customer?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, member: Member, current: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["to", "why"])
        self.people = {str(person.pk): person for person in answering(member.brand)}
        me = str(member.pk)
        order = sorted(self.people, key=lambda pk: (pk != me, str(self.people[pk]).casefold()))
        names = [
            (pk, _("%(name)s, me") % {"name": self.people[pk]} if pk == me else str(self.people[pk]))
            for pk in order
        ]
        self.fields["to"].choices = [*names, ("none", _("Nobody: back to everybody"))]  # type: ignore[attr-defined]
        if current is None and me in self.people:
            self.fields["to"].initial = me
        elif current:
            self.fields["to"].initial = str(current.pk)

    def clean_to(self) -> Member | None:
        return self.people.get(self.cleaned_data["to"])


class SnoozeForm(forms.Form):
    preset = forms.ChoiceField(label=_("Wake it"), widget=forms.RadioSelect)
    until = forms.DateTimeField(
        label=_("At"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    reason = forms.CharField(label=_("What are we waiting for?"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = dict(presets(timezone.localtime()))
        choices = [(name, label) for name, (label, _at) in self.times.items()]
        self.fields["preset"].choices = [*choices, ("own", _("At a time of my own"))]  # type: ignore[attr-defined]
        self.fields["preset"].initial = "tomorrow"
        self.fields["until"].help_text = _(
            "In your zone, %(zone)s. A time here counts before what is chosen above."
        ) % {"zone": timezone.get_current_timezone_name()}
        self.fields["reason"].help_text = _("It wakes earlier by itself when the customer writes.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own = data.get("until")
        if own is not None and own <= timezone.now():
            self.add_error("until", _("That is in the past. Choose a time from now on."))
        elif own is None and data.get("preset") == "own" and "until" not in self.errors:
            self.add_error("until", _("Choose a day and a time."))
        elif own is None and data.get("preset") in self.times:
            data["until"] = self.times[data["preset"]][1]
        return data


def presets(now: datetime) -> Iterator[tuple[str, tuple[str, datetime]]]:
    """The usual times to wake a case, as (name, (label, moment)) in the zone of `now`."""
    morning = time(9)
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=7 - now.weekday())

    def at(day: Any, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=now.tzinfo)

    moments = [
        ("hour", _("In an hour"), now + timedelta(hours=1)),
        ("four", _("In four hours"), now + timedelta(hours=4)),
    ]
    moments += [
        ("tomorrow", _("Tomorrow morning"), at(tomorrow, morning)),
        ("monday", _("Monday morning"), at(monday, morning)),
    ]
    for name, label, moment in moments:
        words = formats.date_format(moment, "D H:i")
        yield name, (f"{label} · {words}", moment)


class PriorityForm(WhyForm):
    priority = forms.TypedChoiceField(
        label=_("How urgent is it?"),
        choices=[(value, capfirst(label)) for value, label in Case.Priority.choices],
        coerce=int,
        widget=forms.RadioSelect,
    )
    field_order = ("priority", "why")


class TeamForm(WhyForm):
    team = forms.ModelChoiceField(
        label=_("Which team answers?"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("No team"),
        widget=forms.RadioSelect,
    )
    field_order = ("team", "why")

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = brand.teams.order_by("name")  # type: ignore[attr-defined]


class TagForm(forms.Form):
    name = forms.CharField(
        label=_("Tag"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note for the team"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Never leaves the team. Ask somebody with @name: a partner then sees this case."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class MergeForm(forms.Form):
    into = forms.CharField(
        label=_("Case to join with"), max_length=200, help_text=_("Its number, or the address of its page.")
    )

    def clean_into(self) -> int:
        digits = (
            str(self.cleaned_data["into"]).split("?")[0].strip().strip("/").rsplit("/", 1)[-1].lstrip("#")
        )
        if not digits.isdecimal() or len(digits) > 18:
            raise forms.ValidationError(_("Give the number of a case, such as 1042."))
        return int(digits)


class SubjectForm(forms.Form):
    subject = forms.CharField(
        label=_("Name of the case"), max_length=200, help_text=_("Customers never see it.")
    )


def known_tags(brand: Brand) -> list[Tag]:
    return list(brand.tags.all()[:200])
