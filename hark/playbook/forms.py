"""What the pages of the playbook ask for."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Location, Member

from . import content as parts
from .content import Block, Content, Fact, Value


class AnswerForm(forms.Form):
    """All of an answer but its blocks and facts, which are forms of their own (`BlockForms`, `ValueForms`)."""

    title = forms.CharField(label=_("Question, in a few words"), max_length=120)
    about = forms.CharField(label=_("When is this the right answer?"), max_length=300, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=60, required=False)
    owner = forms.ModelChoiceField(Member.objects.none(), label=_("Answers for it"), empty_label=None)
    wordings = forms.CharField(
        label=_("How customers ask it"), required=False, max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("One way to ask on each line, in any language."),
    )  # fmt: skip
    valid_from = forms.DateField(
        label=_("Holds from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=_("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    why = forms.CharField(label=_("What changes, and why"), max_length=200, required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**6)
    press = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = (
            Member.objects.active().filter(brand=brand).select_related("user").order_by("user__name")
        )

    def wordings_list(self) -> tuple[str, ...]:
        lines = (" ".join(line.split())[:300] for line in self.cleaned_data["wordings"].splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))[:50]


class BlockForm(forms.Form):
    kind = forms.ChoiceField(label=_("What it is"), choices=parts.KINDS)
    text = forms.CharField(
        label=_("Text"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ValueForm(forms.Form):
    """One value of a fact. A row without a name is not there."""

    name = forms.CharField(label=_("Fact"), max_length=60, required=False)
    value = forms.CharField(label=_("Value"), max_length=300, required=False)
    location = forms.ModelChoiceField(
        Location.objects.none(), label=_("Place"), required=False, empty_label=_("everywhere")
    )
    lang = forms.RegexField(r"^[a-z]{2,3}\Z", label=_("Language"), required=False, max_length=3)
    starts = forms.CharField(label=_("Season from"), max_length=5, required=False)
    ends = forms.CharField(label=_("until"), max_length=5, required=False)
    checked = forms.DateField(
        label=_("Checked"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        location: Any = self.fields["location"]
        location.queryset = Location.objects.filter(brand=brand).order_by("name")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("name")) != bool(given.get("value")):
            raise forms.ValidationError(_("A fact needs both a name and a value."))
        if re.search(r"[{}]", given.get("name", "")):
            raise forms.ValidationError(_("Write the name without braces."))
        if bool(given.get("starts")) != bool(given.get("ends")):
            raise forms.ValidationError(_("A season needs its first and its last day."))
        for day in (given.get("starts"), given.get("ends")):
            match = parts.DAY.match(day or "")
            if day and not (match and _is_day(int(match.group(1)), int(match.group(2)))):
                raise forms.ValidationError(_("Write the days of a season as month-day: 11-01."))
        return given


def _is_day(month: int, day: int) -> bool:
    try:
        datetime(2024, month, day)  # noqa: DTZ001  (a leap year)
    except ValueError:
        return False
    return True


BlockForms = forms.formset_factory(
    BlockForm, extra=0, max_num=parts.MOST_BLOCKS, absolute_max=parts.MOST_BLOCKS + 1
)
ValueForms = forms.formset_factory(
    ValueForm, extra=0, max_num=parts.MOST_VALUES, absolute_max=parts.MOST_VALUES + 1
)


def content_of(form: AnswerForm, blocks: Any, values: Any) -> Content:
    """What valid forms say."""
    facts: dict[str, list[Value]] = {}
    names: dict[str, str] = {}
    for row in values.cleaned_data:
        if row.get("name"):
            name = names.setdefault(row["name"].casefold(), row["name"])
            facts.setdefault(name, []).append(
                Value(
                    row["value"], row["location"].pk if row["location"] else None, row["lang"], row["starts"], row["ends"],
                    row["checked"].isoformat() if row["checked"] else "",
                )
            )  # fmt: skip
    given = form.cleaned_data
    return Content(
        title=" ".join(given["title"].split()),
        about=given["about"],
        valid_from=given["valid_from"].isoformat() if given["valid_from"] else "",
        valid_until=given["valid_until"].isoformat() if given["valid_until"] else "",
        wordings=form.wordings_list(),
        blocks=tuple(Block(row["kind"], row["text"]) for row in blocks.cleaned_data if row.get("text")),
        facts=tuple(Fact(name, tuple(found)) for name, found in facts.items()),
    )


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=500)


class SuggestionForm(forms.Form):
    text = forms.CharField(
        label=_("What would be better?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ImportForm(forms.Form):
    """A file, or its text pasted; after the preview the text comes back in the page."""

    file = forms.FileField(label=_("CSV or Markdown file"), required=False)
    text = forms.CharField(
        label=_("or its text"), required=False, max_length=2 * 2**20, widget=forms.Textarea(attrs={"rows": 8})
    )


class AskForm(forms.Form):
    """What to ask, of whom, until when."""

    question = forms.CharField(
        label=_("The question, without anybody’s name"), max_length=120,
        help_text=_("It becomes the title of the answer."),
    )  # fmt: skip
    detail = forms.CharField(
        label=_("What they should know"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    asked = forms.ModelChoiceField(Member.objects.none(), label=_("Who decides?"), empty_label=None)
    due = forms.ChoiceField(
        label=_("Until when?"),
        choices=[
            ("60", _("in an hour")),
            ("240", _("in four hours")),
            ("1440", _("in a day")),
            ("4320", _("in three days")),
        ],
        initial="240",
    )
    press = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, may_be_asked: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["asked"]
        asked.queryset = Member.objects.filter(pk__in=[one.pk for one in may_be_asked]).select_related("user")

    @property
    def due_at(self) -> datetime:
        return timezone.now() + timedelta(minutes=int(self.cleaned_data["due"]))


class GapForm(forms.Form):
    text = forms.CharField(
        label=_("The answer: what is true for everybody who asks"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    private = forms.CharField(
        label=_("What may be said in private alone"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    own = forms.CharField(
        label=_("What each agent adds in their own words"), max_length=500,
        initial=_("Open with what this person asked, in a sentence of your own."),
    )  # fmt: skip
