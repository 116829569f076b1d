"""Settings, Voice: a form over the brand's own words."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand

from .coach.links import host_of
from .voice import NEAR_COPY_PERCENT

MOST = 200
LONGEST = 120
ARROW = re.compile(r"\s*(?:→|->|=>)\s*")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")


def _lines(label: Any, help_text: Any, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class VoiceForm(forms.Form):
    """Every list one a line. What is left empty, the coach says nothing about."""

    avoid = _lines(_("Words your brand does not say"), _("One a line."))
    prefer = _lines(
        _("Words your brand says instead"),
        _("One a line: ticket → case. The coach offers the better word in one press."),
    )
    stock = _lines(
        _("Phrases that sound canned"), _("One a line. The coach asks for words that fit this customer only.")
    )
    emoji = forms.BooleanField(label=_("Emoji are welcome"), required=False)
    exclamations = forms.IntegerField(
        label=_("Exclamation marks in a reply, at most"),
        required=False,
        min_value=0,
        max_value=20,
        help_text=_("Empty: any number."),
    )
    sign_off = forms.CharField(
        label=_("Replies are signed with"),
        required=False,
        max_length=20,
        help_text=_("AB stands for the agent’s initials: ^AB. Empty: no signature."),
    )
    link_domains = _lines(
        _("Places your links may lead to"),
        _("One a line: northline.example. What lies below it is fine too. Empty: anywhere."),
    )
    near_copy_percent = forms.IntegerField(
        label=_("Held as a copy from (percent)"),
        min_value=40,
        max_value=100,
        help_text=_(
            "How much of a draft may be the same as a reply that was sent in the last 7 days. 100 holds exact copies alone."
        ),
    )
    known_issues = _lines(
        _("Verified known issues"),
        _("One a line: Lift in hall B out of order. Where a customer speaks of one, admitting it is not held."),
    )  # fmt: skip

    LISTS = ("avoid", "stock", "link_domains", "known_issues")

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        kept = brand.voice
        super().__init__(
            data,
            initial={
                **{name: "\n".join(kept.get(name, [])) for name in self.LISTS},
                "prefer": "\n".join(f"{said} → {better}" for said, better in kept.get("prefer", [])),
                "emoji": kept.get("emoji", True),
                "exclamations": kept.get("exclamations"),
                "sign_off": kept.get("sign_off", ""),
                "near_copy_percent": kept.get("near_copy_percent", NEAR_COPY_PERCENT),
            },
        )
        self.brand = brand

    def _list(self, name: str) -> list[str]:
        told = [" ".join(line.split()) for line in str(self.cleaned_data[name]).splitlines()]
        told = list(dict.fromkeys(line for line in told if line))
        if len(told) > MOST or any(len(line) > LONGEST for line in told):
            raise forms.ValidationError(_("At most 200 lines of at most 120 characters."))
        return told

    def clean_avoid(self) -> list[str]:
        return self._list("avoid")

    def clean_stock(self) -> list[str]:
        return self._list("stock")

    def clean_known_issues(self) -> list[str]:
        return self._list("known_issues")

    def clean_prefer(self) -> list[list[str]]:
        pairs = [ARROW.split(line) for line in self._list("prefer")]
        for pair in pairs:
            if len(pair) != 2 or not all(pair):
                raise forms.ValidationError(
                    _("“%(line)s” needs a word, an arrow and the better word: ticket → case."),
                    params={"line": " → ".join(pair)},
                )
        return pairs

    def clean_link_domains(self) -> list[str]:
        hosts = [host_of(line.lower()) for line in self._list("link_domains")]
        for host in hosts:
            if not HOST.fullmatch(host):
                raise forms.ValidationError(
                    _("“%(host)s” is not the name of a site: northline.example."), params={"host": host}
                )
        return list(dict.fromkeys(hosts))

    def save(self) -> None:
        Brand.objects.filter(pk=self.brand.pk).update(voice=self.cleaned_data)
