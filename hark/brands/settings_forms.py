"""What administrators and managers fill in about their brand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import hours
from .forms import ZONE_CHOICES, keep_zone
from .models import Brand, Location, Member, Team
from .permissions import Role

OWN = "own"
MOST_MINUTES = 60 * 24 * 14  # two weeks: past that a number is a slip of the hand
MOST_UNDO_SECONDS = 60

ROLE_WORDS = {
    Role.VIEWER: _("Viewer: reads the cases of their teams"),
    Role.PARTNER: _("Partner: answers when a colleague asks about a case"),
    Role.AGENT: _("Agent: answers customers"),
    Role.LEAD: _("Lead: answers, reads every case, approves drafts"),
    Role.APPROVER: _("Approver: approves drafts and answers of record"),
    Role.MANAGER: _("Care manager: leads care; targets, playbook, members, all figures"),
    Role.ADMINISTRATOR: _("Administrator: accounts, members, rules, audit; reads no cases"),
}


class RolesField(forms.MultipleChoiceField):
    """The roles of a member; they add up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Roles"),
            choices=list(ROLE_WORDS.items()),
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Several roles add up."),
            error_messages={"required": _("Choose at least one role.")},
            **kwargs,
        )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    roles = RolesField(initial=[Role.AGENT])


class MemberForm(forms.Form):
    """Roles, teams and locations of one member."""

    roles = RolesField()
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )
    locations = forms.ModelMultipleChoiceField(
        Location.objects.none(), label=_("Locations"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        start = {
            "roles": member.roles,
            "teams": list(member.teams.all()),
            "locations": list(member.locations.all()),
        }
        kwargs["initial"] = start
        super().__init__(*args, **kwargs)
        self.fields["locations"].help_text = _(
            "Whoever belongs to locations sees only their cases, and what is assigned to them. None: all of the brand."
        )
        for name, rows in (("teams", Team.objects), ("locations", Location.objects)):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelMultipleChoiceField)
            choice.queryset = rows.filter(brand=member.brand_id).order_by("name")
            if not choice.queryset.exists():
                del self.fields[name]


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The brand's name, zone, target and rules."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONE_CHOICES)
    target = forms.ChoiceField(label=_("First response within"), widget=forms.RadioSelect)
    own_minutes = forms.IntegerField(
        label=_("Own number of minutes"), required=False, min_value=1, max_value=MOST_MINUTES
    )

    shapes = forms.CharField(
        label=_("How your booking and order numbers look, one a line"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "# is a digit, @ a letter, * either: TW-####@@. They are covered where customers post them in public."
        ),
    )

    class Meta:
        model = Brand
        fields = ["name", "time_zone", "reopening", "reopening_days", "undo_seconds", "agents_see_all"]
        widgets = {"reopening": forms.RadioSelect}

    field_order = ["name", "time_zone", "target", "own_minutes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = self.instance.first_response_minutes
        preset = minutes in Brand.FIRST_RESPONSE_PRESETS
        target = self.fields["target"]
        assert isinstance(target, forms.ChoiceField)
        target.choices = [
            *((str(n), minutes_in_words(n)) for n in Brand.FIRST_RESPONSE_PRESETS),
            (OWN, _("another time")),
        ]
        self.initial["target"] = str(minutes) if preset else OWN
        self.initial["own_minutes"] = None if preset else minutes
        self.initial["shapes"] = "\n".join(self.instance.number_shapes)
        keep_zone(self.fields["time_zone"], self.instance.time_zone)
        self._bound("reopening_days", 0, 365, _("Later than that, a new case begins."))
        self._bound("undo_seconds", 0, MOST_UNDO_SECONDS, _("0 sends at once."))
        self.fields["agents_see_all"].help_text = _("Otherwise those of their teams, and their own.")

    def _bound(self, name: str, least: int, most: int, help_text: Any) -> None:
        options = {"label": self.fields[name].label, "help_text": help_text}
        self.fields[name] = forms.IntegerField(min_value=least, max_value=most, **options)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("target") == OWN and not values.get("own_minutes") and "own_minutes" not in self.errors:
            self.add_error("own_minutes", _("Give a number of minutes, or choose a time above."))
        return values

    def clean_shapes(self) -> list[str]:
        told = [line.strip() for line in self.cleaned_data["shapes"].splitlines() if line.strip()]
        for line in told:
            if not 4 <= len(line) <= 40 or not set(line) & set("#@*"):
                raise forms.ValidationError(
                    _("“%(shape)s” needs 4 to 40 characters and a #, @ or * among them."),
                    params={"shape": line[:60]},
                )
        if len(told) > 20:
            raise forms.ValidationError(_("At most 20 shapes."))
        return list(dict.fromkeys(told))

    def save(self, commit: bool = True) -> Brand:
        self.instance.number_shapes = self.cleaned_data["shapes"]
        target = self.cleaned_data["target"]
        self.instance.first_response_minutes = (
            self.cleaned_data["own_minutes"] if target == OWN else int(target)
        )
        brand: Brand = super().save(commit)
        return brand


def minutes_in_words(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}


class NamedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name that is given once in the brand, whatever the case of its letters."""

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.brand = brand

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        rows = self._meta.model.objects.filter(brand=self.instance.brand, name__iexact=name)
        if rows.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("“%(name)s” exists already."), params={"name": name})
        return name


class TeamForm(NamedForm):
    class Meta:
        model = Team
        fields = ["name"]


class LocationForm(NamedForm):
    """A place of business: its name, its zone, and its hours, a line a day."""

    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = Location
        fields = ["name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        kept = self.instance.time_zone
        old = [(kept, kept)] if kept and kept not in dict(ZONE_CHOICES) else []
        zone.choices = [("", _("the brand’s")), *old, *ZONE_CHOICES]
        for day, label in WEEKDAYS.items():
            self.fields[f"day{day}"] = forms.CharField(label=label, required=False, max_length=60)
            self.initial[f"day{day}"] = hours.shown(self.instance.hours[day]) if self.instance.hours else ""

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day{day}"] for day in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        week: hours.Week = []
        for day in WEEKDAYS:
            try:
                week.append(hours.parse(values.get(f"day{day}", "")))
            except ValueError:
                self.add_error(
                    f"day{day}", _("Write it like 09:00–18:00; leave a day empty when it is closed.")
                )
        self.instance.hours = week if len(week) == len(WEEKDAYS) and any(week) else []
        return values


class TeamMembersForm(TeamForm):
    members = forms.ModelMultipleChoiceField(
        Member.objects.none(), label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["members"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)
        rows = Member.objects.active().filter(brand=self.instance.brand)
        choice.queryset = rows.select_related("user").order_by("user__name", "user__email")
        self.initial["members"] = list(self.instance.members.all())

    def save(self, commit: bool = True) -> Any:
        team = super().save(commit)
        team.members.set(self.cleaned_data["members"])
        return team
