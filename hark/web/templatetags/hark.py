"""Tags that every template may use (built in: no `{% load %}`). How each looks stands on /styleguide."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from hark.web import assets, fields, keys, words
from hark.web import places as all_places

register = template.Library()

CLOCK_ICONS = {"over": "hold", "soon": "clock", "fine": "clock", "paused": "pause", "done": "check"}


@register.simple_tag
def asset(name: str) -> str:
    """The address of one of the shell's own files, good for ever: `{% asset "js/main.js" %}`."""
    return assets.address(name)


@register.simple_tag
def script_modules() -> list[str]:
    return assets.bundle().modules


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """A drawing of the sprite, for the eye alone: say in words beside it what it means."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "",
        asset("icons.svg"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=256)
def network(label: str, icon_name: str, size: str = "") -> SafeString:
    """The sign of a network with its name: `{% network account.network.label "n-bluesky" %}`. Size: "" or "large"."""
    css = f" network--{size}" if size else ""
    return format_html(
        '<span class="network{}" role="img" aria-label="{}" title="{}">{}</span>',
        css,
        label,
        label,
        icon(icon_name),
    )


@register.simple_tag
def avatar(who: Any, size: str = "") -> SafeString:
    """Initials: a disc for a customer, a square for a member or user, filled for a brand. Size: "", small, large."""
    initials, kind = _initials(who)
    return _disc(initials, "".join(f" avatar--{part}" for part in (kind, size) if part))


@lru_cache(maxsize=1024)
def _disc(initials: str, css: str) -> SafeString:
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', css, initials)


def _initials(who: Any) -> tuple[str, str]:
    if hasattr(who, "user"):  # a member
        return who.user.initials, "member"
    if hasattr(who, "email"):  # a user
        return who.initials, "member"
    if hasattr(who, "initials"):  # a person
        return who.initials, ""
    return str(who or "?").strip()[:1].upper() or "?", "brand" if who else ""


@register.simple_tag
def clock(
    due_at: datetime | None, paused: str = "", soon: int | timedelta = words.SOON, done: str = ""
) -> SafeString | str:
    """The time left until a target, which then ticks by itself. Nothing without a target.

    `paused` and `done` are words to show instead of a running clock; `soon` is in minutes.
    """
    if paused or done:
        return _clock("paused" if paused else "done", paused or done)
    if due_at is None:
        return ""
    limit = soon if isinstance(soon, timedelta) else timedelta(minutes=soon)
    left = (due_at - timezone.now()).total_seconds()
    state = words.urgency(left, limit)
    return format_html(
        '<due-clock due="{}" soon="{}" title="{}">{}</due-clock>',
        due_at.isoformat(),
        int(limit.total_seconds()),
        _full(due_at),
        _clock(state, words.clock_text(left)),
    )


def _clock(state: str, text: str) -> SafeString:
    prefix = words.PREFIX.get(state, "")
    return _sign(state, gettext(prefix) if prefix else "", text)


@lru_cache(maxsize=1024)
def _sign(state: str, prefix: str, text: str) -> SafeString:
    return format_html(
        '<span class="clock clock--{}">{}<span class="visually-hidden">{}</span>'
        '<span class="clock__text">{}</span></span>',
        state,
        icon(CLOCK_ICONS[state]),
        prefix,
        text,
    )


def _full(at: datetime) -> str:
    return _written(timezone.localtime(at), get_language())


@lru_cache(maxsize=4096)
def _written(at: datetime, language: str | None) -> str:
    """A moment in the reader's zone and language, in full."""
    return formats.date_format(at, "l j F Y, H:i")


@register.simple_tag
def when(at: datetime | None, css: str = "") -> SafeString | str:
    """A moment in the reader's zone, short, with the whole of it on hover. Nothing for None."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" data-when{} title="{}">{}</time>',
        at.isoformat(),
        format_html(' class="{}"', css) if css else "",
        _full(at),
        words.moment(at),
    )


@register.filter
def ago(at: datetime | None) -> str:
    """How long ago: “3 hours ago”."""
    return words.ago(at) if at else ""


@register.simple_tag
def kbd(key: str) -> SafeString:
    """The sign of a key: `{% kbd "mod+k" %}`. For the eye; the key itself is read from `data-key`."""
    parts = format_html_join(" ", '<span class="kbd">{}</span>', ((part,) for part in keys.signs(key)))
    return format_html('<span class="keys" aria-hidden="true">{}</span>', parts)


@register.simple_tag
def field(bound: BoundField, label: str = "", hide_label: bool = False) -> SafeString:
    """A form field with its label, help and error in words, tied together for whoever listens."""
    return fields.render(bound, label=label, hide_label=hide_label)


@register.simple_tag(takes_context=True)
def query_replace(context: template.Context, **changes: Any) -> str:
    """This page's query string with some values replaced; None or "" takes a value out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def paginate(
    context: template.Context, cursor: Any, name: str = "before", label: str = ""
) -> SafeString | str:
    """The way to what is older, by the key of the last row shown: `{% paginate page.next %}`. Nothing at the end."""
    if cursor in (None, ""):
        return ""
    return format_html(
        '<nav class="pages" aria-label="{}"><a class="button" rel="next" href="{}">{}{}</a></nav>',
        gettext("More"),
        query_replace(context, **{name: cursor}),
        label or gettext("Older"),
        icon("right"),
    )


@register.simple_tag(takes_context=True)
def places(context: template.Context) -> list[all_places.Shown]:
    """The places of the rail for this reader, the open one marked. A page may name its own: `place` in the context."""
    request: HttpRequest | None = context.get("request")
    return all_places.shown(request, str(context.get("place") or "")) if request else []


@register.simple_tag(takes_context=True)
def other_seats(context: template.Context) -> list[Any]:
    """The reader's seats in brands other than the one of this page."""
    user, brand = context["user"], context.get("brand")
    seats = getattr(context.get("request"), "seats", None)
    if seats is None:
        seats = user.memberships.filter(left_at=None).select_related("brand").order_by("brand__name")
    return [seat for seat in seats if brand is None or seat.brand_id != brand.pk]


@register.simple_tag
def script_words() -> dict[str, Any]:
    return words.for_script()


@register.simple_tag
def key_groups() -> list[keys.Group]:
    return keys.groups()
