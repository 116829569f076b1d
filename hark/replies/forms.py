"""What the composer sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand
from hark.cases.models import Case
from hark.triage.risk import Risk

from .models import ApprovalRule


class ReplyForm(forms.Form):
    """The words, where they go, and what their author had seen when they pressed the button."""

    text = forms.CharField(required=False, max_length=20_000, strip=False)
    to = forms.ChoiceField(choices=[("public", "public"), ("private", "private")])
    seen_version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    confirmed = forms.BooleanField(required=False)
    why_held = forms.CharField(required=False, max_length=500)
    press = forms.UUIDField(required=False)  # of the form that was shown: pressing it twice sends once

    @property
    def private(self) -> bool:
        return bool(self.cleaned_data["to"] == "private")


class PictureForm(forms.Form):
    picture = forms.FileField(label=_("Picture"))
    alt = forms.CharField(
        label=_("What it shows, for those who can’t see it"), required=False, max_length=1000
    )


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why others should not see it"),
        max_length=300,
        help_text=_(
            "Hiding criticism makes it louder: for insults, spam and what puts people at risk. It stands in the history."
        ),
    )


class SeenField(forms.CharField):
    """A moment as `isoformat` writes it, to the microsecond."""

    def clean(self, value: Any) -> Any:
        try:
            at = parse_datetime(super().clean(value)[:40])
        except ValueError:  # the shape of a moment, but no such day
            at = None
        if at is None or timezone.is_naive(at):
            raise forms.ValidationError("not a moment")
        return at


class SeenForm(forms.Form):
    """Of which sending the person speaks, so that a second press decides nothing more."""

    seen = SeenField()


class CorrectionForm(forms.Form):
    text = forms.CharField(
        label=_("What it should say"),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    why_held = forms.CharField(
        label=_("Send what the coach holds all the same, because"),
        required=False,
        max_length=500,
        help_text=_("It stands in the history."),
    )

    def __init__(self, *args: Any, asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_why:
            del self.fields["why_held"]


class DecisionForm(forms.Form):
    """A yes, perhaps with changed words: what the approver had seen, and the text they agree to."""

    seen_version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    text = forms.CharField(required=False, max_length=20_000, strip=False)
    why_held = forms.CharField(required=False, max_length=500)


class CommentForm(forms.Form):
    comment = forms.CharField(
        label=_("What should change?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Conditions under which a second person looks. Words come one a line."""

    words = forms.CharField(
        label=_("When one of these words is said"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("By the customer or in the reply, one a line. injur* also finds injury and injured."),
    )
    minutes = forms.IntegerField(
        label=_("Escalated after (minutes)"),
        min_value=1,
        max_value=7 * 24 * 60,
        initial=20,
        help_text=_("Then everybody who may approve hears of it by mail."),
    )

    topic = forms.ChoiceField(
        label=_("When it is about"),
        required=False,
        help_text=_(
            "A subject of the playbook: an answer of it was used or fits what was said. Or a known issue that is spoken of."
        ),
    )
    risks = forms.MultipleChoiceField(
        label=_("When there is a risk of"),
        required=False,
        choices=Risk,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Found by words in English, German, French, Spanish and Portuguese; any of those ticked."
        ),
    )

    class Meta:
        model = ApprovalRule
        fields = [
            "name", "topic", "risks", "money_above", "words", "tag", "team", "priority", "newcomer_days",
            "public_only", "minutes",
        ]  # fmt: skip
        labels = {"tag": _("When the case has the tag"), "team": _("When the case is with the team")}
        help_texts = {
            "name": _("Approvers and authors see it: “Sensitive: injury”, “First weeks here”."),
            "money_above": _("By the customer or in the reply, whatever the currency: 500."),
        }

    def __init__(self, *args: Any, brand: Brand, topics: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.brand = brand
        if self.instance.regulated:  # it holds for all: a condition would make it another rule
            self.fields = {name: self.fields[name] for name in ("name", "minutes")}
            return
        kept = [self.instance.topic] if self.instance.topic else []  # may be none of the playbook's any more
        names = dict.fromkeys([*topics, *kept])
        self.fields["topic"].choices = [("", _("anything")), *((name, name) for name in names)]  # type: ignore[attr-defined]
        self.initial["words"] = "\n".join(self.instance.words)
        self.fields["tag"].queryset = brand.tags.order_by("name")  # type: ignore[attr-defined]
        self.fields["team"].queryset = brand.teams.order_by("name")  # type: ignore[attr-defined]
        self.fields["tag"].empty_label = _("any tag")  # type: ignore[attr-defined]
        self.fields["team"].empty_label = _("any team")  # type: ignore[attr-defined]
        choices = [(value, capfirst(label)) for value, label in Case.Priority.choices[:3]]
        self.fields["priority"].choices = [("", _("any priority")), *choices]  # type: ignore[attr-defined]

    def clean_words(self) -> list[str]:
        words = [" ".join(line.split()) for line in str(self.cleaned_data["words"]).splitlines()]
        words = [word for word in words if word.strip("*")]
        if len(words) > 100 or any(len(word) > 60 for word in words):
            raise forms.ValidationError(_("At most 100 words of at most 60 characters."))
        return words


class RegulatedForm(forms.Form):
    """A brand in a regulated trade: one rule without conditions, made and unmade here."""

    NONE, PUBLIC, ALL = "", "public", "all"
    reach = forms.ChoiceField(
        label=_("Your trade is regulated: a second person looks at"),
        required=False,
        choices=[
            (NONE, _("what the rules below say")),
            (PUBLIC, _("every reply in public")),
            (ALL, _("every reply")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        self.brand = brand
        self.rule = ApprovalRule.objects.filter(brand=brand, regulated=True).first()
        reach = (self.PUBLIC if self.rule.public_only else self.ALL) if self.rule else self.NONE
        super().__init__(data, initial={"reach": reach})

    @transaction.atomic
    def save(self) -> None:
        """Under the brand's lock, so that two presses make one rule."""
        reach = self.cleaned_data["reach"]
        Brand.objects.select_for_update().get(pk=self.brand.pk)
        rules = ApprovalRule.objects.filter(brand=self.brand, regulated=True)
        if not reach:
            rules.delete()
        elif not rules.update(public_only=reach == self.PUBLIC):
            rules.create(
                brand=self.brand,
                regulated=True,
                public_only=reach == self.PUBLIC,
                name=str(_("Regulated trade")),
            )
