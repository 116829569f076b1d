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
    context = {
        "bound": bound,
        "label": label or bound.label,
        "hide_label": hide_label,
        "help_id": f"{bound.id_for_label or bound.html_name}_help",
        "error_id": f"{bound.id_for_label or bound.html_name}_error",
        "kind": kind_of(widget),
    }
    described = [context["help_id"]] if bound.help_text else []
    described += [context["error_id"]] if bound.errors else []
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if context["kind"] == "line":
        attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
    context["widget"] = bound.as_widget(attrs=attrs)
    context["described"] = attrs.get("aria-describedby", "")
    return render_to_string("web/field.html", context)


def kind_of(widget: forms.Widget) -> str:
    """`group` for radio buttons and checkboxes, `check` for a single one, `line` for all that is typed or picked."""
    if isinstance(widget, GROUPS):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "line"
