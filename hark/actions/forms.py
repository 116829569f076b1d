"""Forms of actions: the one that an action declares, and the one that declares it."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand
from hark.brands.permissions import Role
from hark.web import outbound

from . import declaring, schema
from .models import Action

LIMITED = (Role.AGENT, Role.LEAD, Role.MANAGER)


class RunForm(forms.Form):
    """What the action's own schema asks for. Its fields are named `v-…`, so that none meets a name of ours."""

    press = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in schema.form_of(action.schema).items():
            self.fields[f"v-{name}"] = field

    @property
    def values(self) -> dict[str, Any]:
        return {name[2:]: value for name, value in self.cleaned_data.items() if name.startswith("v-")}


class DeclineForm(forms.Form):
    comment = forms.CharField(max_length=500)


class SchemaField(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 14, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return schema.check(json.loads(text))
        except schema.BadSchema as problem:
            raise forms.ValidationError(str(problem)) from problem
        except (ValueError, RecursionError) as problem:
            raise forms.ValidationError(_("This is not JSON.")) from problem


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Declares an action; limits are amounts a case, by role."""

    schema = SchemaField(
        label=_("Form, as JSON Schema"),
        max_length=20_000,
        initial=declaring.REFUND,
        help_text=_(
            "An object of strings, numbers, integers, booleans; enum, date and e-mail are understood."
        ),
    )

    class Meta:
        model = Action
        fields = ["name", "url", "schema", "amount_field", "currency", "second_always", "is_active"]
        help_texts = {
            "url": _("Hark sends a signed POST there, with an Idempotency-Key that a repeated call keeps."),
            "amount_field": _("The number in the form that limits apply to. Empty: it is not about money."),
        }

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.brand = brand
        for role in LIMITED:
            self.fields[f"limit_{role}"] = forms.DecimalField(
                label=_("Limit of the role “%(role)s” a case") % {"role": role.label},
                required=False,
                min_value=Decimal(0),
                max_digits=12,
                decimal_places=2,
                initial=self.instance.limits.get(role),
            )

    def clean_url(self) -> str:
        if self.cleaned_data["url"] == declaring.PRACTICE:
            return declaring.PRACTICE
        try:
            return outbound.check_url(self.cleaned_data["url"])
        except outbound.AddressRefused as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Action.objects.filter(brand=self.instance.brand, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("There is an action of that name."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        properties = (data.get("schema") or {}).get("properties", {})
        amount = data.get("amount_field")
        if amount and (properties.get(amount) or {}).get("type") not in ("number", "integer"):
            self.add_error("amount_field", _("The form has no number of that name."))
        elif amount and data.get("schema") and amount not in data["schema"].get("required", []):
            self.add_error("amount_field", _("The amount must be among “required”."))
        return data

    def save(self, commit: bool = True) -> Action:
        action: Action = self.instance
        action.limits = {
            str(role.value): f"{limit:.2f}"
            for role in LIMITED
            if (limit := self.cleaned_data.get(f"limit_{role}")) is not None
        }
        if not action.secret:
            action.secret = declaring.new_secret()
        saved: Action = super().save(commit)
        return saved
