"""How answers of record look: {% load playbook %}."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hark.playbook.content import BRACES, Content, Value

register = template.Library()
LOOK_AGAIN_DAYS = 90


@register.filter
def blanks(text: str) -> SafeString:
    """A block with its facts as blanks to be filled."""
    parts = BRACES.split(text)
    return mark_safe(  # every part is escaped
        "".join(
            format_html('<span class="blank">{}</span>', part) if number % 2 else conditional_escape(part)
            for number, part in enumerate(parts)
        )
    )


@register.filter
def langs(content: Content) -> list[str]:
    """The languages for which a fact has a value of its own."""
    return sorted({value.lang for _fact, value in content.values() if value.lang})


@register.filter
def scope(value: Value, places: dict[int, str]) -> str:
    """Where and when a value holds, in words."""
    season = (
        _("%(starts)s to %(ends)s") % {"starts": value.starts, "ends": value.ends} if value.starts else ""
    )
    place = places.get(value.location, _("a place that is gone")) if value.location else ""
    return ", ".join(part for part in (place, value.lang, season) if part) or _("everywhere, always")


@register.filter
def checked_on(value: Value) -> SafeString | str:
    """The day on which somebody looked; marked where that is three months ago."""
    if not value.checked:
        return ""
    day = date.fromisoformat(value.checked)
    text = formats.date_format(day, "j M Y")
    if (timezone.localdate() - day).days < LOOK_AGAIN_DAYS:
        return text
    return format_html('<span class="tag tag--amber">{}</span>', _("%(day)s, look again") % {"day": text})
