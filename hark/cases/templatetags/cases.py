"""How a case, its people and their words are written on a page: `{% load cases %}`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels.base import Capabilities
from hark.channels.registry import network_of
from hark.customers.models import Profile
from hark.customers.personal_details import Span, covered, find, pieces
from hark.web import words
from hark.web.templatetags.hark import clock, icon, network

register = template.Library()

# What networks make a link of: an address, a mention, a hashtag. Only addresses lead anywhere from here.
PIECE = re.compile(r"(https?://[^\s<>\"]+[^\s<>\".,;:!?)\]’'])|(?<![\w@#/.])([@#][\w][\w.\-]*)")
EXCERPT = 260  # characters of a message in a list of results
LANG = re.compile(r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$")


@register.filter
def who(case: Case) -> str:
    """The customer's name, else the handle by which a network knows them."""
    return name_of(case.person)


@register.filter
def name_of(person: Any) -> str:
    if person.name:
        return str(person.name)
    profiles = list(person.profiles.all())
    return str(profiles[0]) if profiles else str(_("Somebody"))


@register.filter
def can_of(channel: str) -> Capabilities:
    """What the network of this channel is called, looks like and allows."""
    return network_of(channel).can


@register.simple_tag
def channel_sign(channel: str, size: str = "") -> SafeString:
    """The sign of a channel with its name."""
    can = network_of(channel).can
    return network(can.label, can.icon, size)


@register.simple_tag
def face(profile: Profile | None) -> SafeString:
    """A customer's initials in a disc, from the name a network shows."""
    words_of_name = ((profile.name or profile.handle.lstrip("@")) if profile else "").split()
    initials = "".join(word[0] for word in words_of_name[:2]).upper() or "?"
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials)


@register.simple_tag
def case_clock(case: Case, asleep: Any = None) -> SafeString | str:
    """What a row leads with: time left to the target; else how long somebody waits, or what the case waits for."""
    match case.state:
        case Case.State.WAITING if case.due_at:
            return clock(case.due_at)
        case Case.State.WAITING:
            waits = _("waits %(time)s") % {"time": duration(timezone.now() - case.last_customer_at)}
            return format_html(
                '<span class="clock clock--fine">{}<span class="clock__text">{}</span></span>',
                icon("clock"),
                waits,
            )
        case Case.State.ANSWERED:
            return clock(None, paused=_("We wait for them"))
        case Case.State.SNOOZED:
            row = asleep or (getattr(case, "asleep", None) or [None])[0]
            return clock(
                None, paused=_("Back %(time)s") % {"time": words.moment(row.until)} if row else _("Asleep")
            )
        case Case.State.RESOLVED:
            return clock(None, done=_("Resolved"))
    return clock(None, done=_("Book closed") if case.state == Case.State.CLOSED else _("Joined"))


@register.filter
def duration(took: timedelta | None) -> str:
    """A length of time as people say it: “4 min”, “1 h 40”, “2 d 3 h”. Seconds only below a minute."""
    if took is None:
        return ""
    seconds = max(0, int(took.total_seconds()))
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if hours < 24:
        return (
            _("%(hours)s h %(minutes)02d") % {"hours": hours, "minutes": minutes % 60}
            if minutes % 60
            else _("%(n)s h") % {"n": hours}
        )
    return (
        _("%(days)s d %(hours)s h") % {"days": days, "hours": hours % 24}
        if hours % 24
        else _("%(n)s d") % {"n": days}
    )


@register.filter
def hidden_in(message: Message, brand: Brand) -> list[Span]:
    """The personal details that a page covers: in public all of them; in private cards and accounts, which nobody needs."""
    if message.outbound or message.is_deleted or not message.text:
        return []
    found = find(message.text, brand.number_shapes)
    return [span for span in found if span.kind in ("card", "iban")] if message.private else found


@register.filter
def shown(message: Message, brand: Brand) -> SafeString:
    """What somebody said, as `linked` writes it, with personal details covered."""
    parts = [
        (
            format_html(
                '<span class="masked">{}{}</span>',
                icon("eye-off"),
                _("%(what)s hidden") % {"what": span.label},
            ),
        )
        if span
        else (linked(part),)
        for part, span in pieces(message.text, hidden_in(message, brand))
    ]
    return format_html_join("", "{}", parts)


@register.filter
def covering(message: Message, brand: Brand) -> str:
    """The words of a message as plain text, with personal details covered."""
    spans = hidden_in(message, brand)
    return "".join(f"[{span.label}]" if span else part for part, span in pieces(message.text, spans))


@register.filter
def brief(case: Case, brand: Brand) -> str:
    """The case in a line: its name, else what was said last, with personal details covered."""
    return case.subject or covered(case.snippet, brand.number_shapes)[:120] or f"#{case.pk}"


@register.filter
def language(code: str) -> str:
    """The name of a language in the reader's own; its code where nobody knows the name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


@register.filter(name="covered")
def covered_text(text: str, brand: Brand) -> str:
    return covered(text, brand.number_shapes)


@register.filter
def linked(text: str) -> SafeString:
    """Somebody's words, escaped, with addresses as links and names and tags told apart."""
    pieces: list[tuple[SafeString | str]] = []
    at = 0
    for found in PIECE.finditer(text):
        pieces.append((text[at : found.start()],))
        if url := found.group(1):
            shown = url.removeprefix("https://").removeprefix("http://")
            shown = shown if len(shown) <= 48 else f"{shown[:44]}…"
            pieces.append(
                (
                    format_html(
                        '<a href="{}" rel="nofollow noopener noreferrer ugc" target="_blank">{}</a>',
                        url,
                        shown,
                    ),
                )
            )
        else:
            pieces.append((format_html('<span class="facet">{}</span>', found.group(2)),))
        at = found.end()
    pieces.append((text[at:],))
    return format_html_join("", "{}", pieces)


@register.filter
def lang_attr(code: str) -> SafeString | str:
    """` lang="nl"` for words in a known language; nothing for what is no language code."""
    return format_html(' lang="{}"', code) if code and LANG.match(code) else ""


@register.filter
def stars(rating: object) -> SafeString | str:
    """A review's stars, said in words too."""
    if not isinstance(rating, int):
        return ""
    full = max(0, min(5, rating))
    return format_html(
        '<span class="stars" role="img" aria-label="{}">{}{}</span>',
        _("%(n)s of 5 stars") % {"n": full},
        "★" * full,
        "☆" * (5 - full),
    )


@register.filter
def capped(number: int, cap: int = 100) -> str:
    """A count that was only made up to a hundred: “99+”."""
    return f"{cap - 1}+" if number >= cap else str(number)


@register.filter
def speaker(message: Message) -> str:
    """Who said it, as a name."""
    if message.profile is None:
        return str(_("Somebody"))
    return message.profile.name or message.profile.handle or message.profile.external_id


@register.filter
def shown_parts(reached: int) -> list[bool]:
    """Four dots, filled as far as the care arc has come."""
    return [reached >= step for step in (1, 2, 3, 4)]


@register.filter
def who_short(case: Case) -> str:
    """The customer's name without asking for their profiles: for long lists."""
    return case.person.name or str(_("Somebody"))


@register.filter
def marked(text: str, found: list[str]) -> SafeString:
    """The text, escaped, with the words that were looked for marked."""
    pattern = _pattern(found)
    if pattern is None:
        return format_html("{}", text)
    pieces: list[tuple[SafeString | str]] = []
    at = 0
    for match in pattern.finditer(text):
        pieces += [(text[at : match.start()],), (format_html("<mark>{}</mark>", match.group()),)]
        at = match.end()
    pieces.append((text[at:],))
    return format_html_join("", "{}", pieces)


@register.filter
def excerpt(text: str, found: list[str]) -> SafeString:
    """As much of a long text as a result shows, around the first word that was looked for."""
    text = " ".join(text.split())
    pattern = _pattern(found)
    first = pattern.search(text) if pattern else None
    start = max(0, (first.start() if first else 0) - EXCERPT // 3)
    if start:
        start = text.rfind(" ", 0, start) + 1
    end = start + EXCERPT
    shown = f"{'… ' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
    return marked(shown, found)


def _pattern(found: list[str]) -> re.Pattern[str] | None:
    wanted = [re.escape(word) for word in found if word]
    return re.compile("|".join(wanted), re.IGNORECASE) if wanted else None
