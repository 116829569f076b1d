"""A form from a JSON Schema: an object of texts, numbers, choices, dates and switches. What is not understood is refused
when the action is declared, not when an agent needs it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
TYPES = {"string", "number", "integer", "boolean"}
KEYWORDS = {
    "type", "title", "description", "default", "enum", "maxLength", "minLength", "minimum", "maximum", "format", "pattern",
}  # fmt: skip
MOST_FIELDS = 20
LONGEST = 2000


class BadSchema(ValueError):
    """A schema that Hark can't show as a form; the text names the place."""


def check(schema: Any) -> dict[str, Any]:
    """The schema as given. Raises BadSchema with a sentence."""
    if (
        not isinstance(schema, dict)
        or schema.get("type") != "object"
        or not isinstance(schema.get("properties"), dict)
    ):
        raise BadSchema(_('The schema is an object: {"type": "object", "properties": {…}}.'))
    properties, required = schema["properties"], schema.get("required", [])
    if not 1 <= len(properties) <= MOST_FIELDS:
        raise BadSchema(_("A form has 1 to %(most)s fields.") % {"most": MOST_FIELDS})
    if not isinstance(required, list) or any(
        name not in properties for name in required if isinstance(name, str)
    ):
        raise BadSchema(_("“required” lists names of properties."))
    for name, rule in properties.items():
        _check_one(name, rule)
    return schema


def _check_one(name: str, rule: Any) -> None:
    where = {"name": name[:60]}
    if not NAME.fullmatch(name):
        raise BadSchema(_("“%(name)s”: names are small letters, digits and _.") % where)
    if not isinstance(rule, dict) or rule.get("type") not in TYPES:
        raise BadSchema(_("“%(name)s”: the type is string, number, integer or boolean.") % where)
    if unknown := set(rule) - KEYWORDS:
        raise BadSchema(
            _("“%(name)s”: %(words)s is not understood.") % {**where, "words": ", ".join(sorted(unknown))}
        )
    choices = rule.get("enum")
    if choices is not None and not (
        isinstance(choices, list) and choices and all(isinstance(one, str) for one in choices)
    ):
        raise BadSchema(_("“%(name)s”: “enum” is a list of texts.") % where)
    numbers = [rule[word] for word in ("maxLength", "minLength", "minimum", "maximum") if word in rule]
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        raise BadSchema(_("“%(name)s”: limits are numbers.") % where)
    try:
        re.compile(str(rule.get("pattern", "")))
    except re.error:
        raise BadSchema(_("“%(name)s”: the pattern is no regular expression.") % where) from None


def form_of(schema: dict[str, Any]) -> dict[str, forms.Field]:
    """A field for each property, in their order."""
    required = schema.get("required", [])
    return {name: _field(name, rule, name in required) for name, rule in schema["properties"].items()}


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """What a form has cleaned, as JSON: amounts as text, so that no cent is lost."""
    return {
        name: str(value)
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in values.items()
        if value is not None
    }


def _field(name: str, rule: dict[str, Any], required: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": rule.get("title") or capfirst(name.replace("_", " ")),
        "help_text": rule.get("description", ""),
        "initial": rule.get("default"),
        "required": required,
    }
    limits: dict[str, Any] = {"min_value": rule.get("minimum"), "max_value": rule.get("maximum")}
    match rule["type"]:
        case "boolean":
            return forms.BooleanField(**common)
        case "integer":
            return forms.IntegerField(**common, **limits)
        case "number":
            return forms.DecimalField(**common, **limits, max_digits=12, decimal_places=2)
    if choices := rule.get("enum"):
        blank = [] if required else [("", "—")]
        return forms.ChoiceField(**common, choices=[*blank, *((one, capfirst(one)) for one in choices)])
    match rule.get("format"):
        case "date":
            return forms.DateField(
                **common, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )
        case "email":
            return forms.EmailField(**common)
    longest = int(rule.get("maxLength", 200))
    text: dict[str, Any] = {"max_length": min(longest, LONGEST), "min_length": rule.get("minLength")}
    if longest > 200:
        text["widget"] = forms.Textarea(attrs={"rows": 3})
    if pattern := rule.get("pattern"):
        return forms.RegexField(regex=pattern, **common, **text)
    return forms.CharField(**common, **text)
