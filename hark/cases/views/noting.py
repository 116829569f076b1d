"""A call or a letter, written down by whoever took it: an incoming message like any other."""

from __future__ import annotations

import re
import secrets
from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels import intake
from hark.channels.models import Account

KINDS = [("call", gettext_lazy("A phone call")), ("letter", gettext_lazy("A letter on paper"))]


class NoteForm(forms.Form):
    """`key` names this form: sending it twice makes one message."""

    account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("Where it came"), empty_label=None
    )
    kind = forms.ChoiceField(label=gettext_lazy("What it was"), choices=KINDS)
    who = forms.CharField(
        label=gettext_lazy("Number or address"), max_length=200,
        help_text=gettext_lazy("Of the customer. The same one is the same person the next time."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    text = forms.CharField(
        label=gettext_lazy("What was said"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    key = forms.RegexField(r"^[A-Za-z0-9_-]{16,40}\Z", widget=forms.HiddenInput)

    def __init__(self, accounts: list[Account], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        field: Any = self.fields["account"]
        field.queryset = Account.objects.filter(pk__in=[account.pk for account in accounts])

    def clean_who(self) -> str:
        """A number without what people write into it to read it more easily."""
        who = " ".join(str(self.cleaned_data["who"]).split())
        digits = re.sub(r"[\s()./-]", "", who)
        return digits if re.fullmatch(r"\+?[0-9]{4,20}", digits) else who


@require_http_methods(["GET", "POST"])
@member_may(Permission.REPLY)
def note(request: AgentRequest) -> HttpResponse:
    connected = Account.objects.connected().filter(brand=request.brand).order_by("handle", "pk")
    accounts = [account for account in connected if account.network.can.written_down]
    form = NoteForm(accounts, request.POST or None, initial={"key": secrets.token_urlsafe(16)})
    if request.method == "POST" and form.is_valid():
        _take_in(form.cleaned_data, request.member.pk)
        messages.success(request, _("It is noted, and stands in the queue in a moment."))
        return redirect("cases:queue", request.brand.slug)
    return render(
        request, "cases/note.html", {"form": form, "accounts": accounts}, status=422 if form.errors else 200
    )


@transaction.atomic
def _take_in(told: dict[str, Any], member_id: int) -> None:
    raw = msgspec.json.encode(
        {
            **{name: told[name] for name in ("kind", "who", "name", "text")},
            "id": told["key"], "at": timezone.now(), "by": member_id,
        }
    )  # fmt: skip
    account: Account = told["account"]
    intake.append(account, account.network.split(raw))
