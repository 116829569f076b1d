"""A form field as HTML: label above, help below, error in words, all tied together."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def render(bound: BoundField, *, label: str = "", hide_label: bool = False) -> SafeString:
    """One field. Groups of choices become a fieldset; a single checkbox stands before its words."""
    widget = bound.field.widget
    if bound.is_hidden:
        return bound.as_widget()
    kind, base = kind_of(widget), bound.id_for_label or bound.html_name
    help_id, error_id = f"{base}_help", f"{base}_error"
    described = " ".join(
        name for name, there in ((help_id, bound.help_text), (error_id, bound.errors)) if there
    )
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if kind == "line":
        attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
    context = {
        "bound": bound,
        "label": label or bound.label,
        "hide_label": hide_label,
        "help_id": help_id,
        "error_id": error_id,
        "kind": kind,
        "widget": bound.as_widget(attrs=attrs),
        "described": described,
    }
    return render_to_string("web/field.html", context)


def kind_of(widget: forms.Widget) -> str:
    """`group` for radio buttons and checkboxes, `check` for a single one, `line` for all that is typed or picked."""
    if isinstance(widget, GROUPS):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "line"
