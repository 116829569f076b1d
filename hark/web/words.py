"""Phrases that both a template tag and a script write, so that a page says the same before and after its first tick."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_noop as noop

SOON = timedelta(minutes=10)

CLOCK = {
    "over": {
        "seconds": noop("%(seconds)s s late"),
        "minutes": noop("%(minutes)s min late"),
        "hours": noop("%(hours)s h %(minutes)s late"),
        "full_hours": noop("%(hours)s h late"),
        "days": noop("%(days)s d %(hours)s h late"),
    },
    "left": {
        "seconds": noop("%(seconds)s s left"),
        "minutes": noop("%(minutes)s min left"),
        "hours": noop("%(hours)s h %(minutes)s left"),
        "full_hours": noop("%(hours)s h left"),
        "days": noop("%(days)s d %(hours)s h left"),
    },
}
PREFIX = {"over": noop("Late: "), "soon": noop("Due soon: "), "fine": "", "paused": noop("Paused: ")}

SCRIPT = {
    "offline": gettext_lazy("No connection. Trying again…"),
    "stale": gettext_lazy("Live updates are away. This page looks by itself every 15 seconds."),
    "saving": gettext_lazy("Saving…"),
    "saved": gettext_lazy("Saved"),
    "unsaved": gettext_lazy("Not saved yet. Your words are here; trying again."),
    "count": gettext_lazy("%(count)s of %(limit)s"),
    "over_limit": gettext_lazy("%(over)s too long"),
    "parts": gettext_lazy("sent in %(parts)s parts"),
    "failed": gettext_lazy("That did not work. Nothing is lost; please try again."),
    "unreachable": gettext_lazy("Hark does not answer. Nothing is lost; please try again."),
    "forbidden": gettext_lazy("Your role does not allow that."),
    "close": gettext_lazy("Close"),
    "search_for": gettext_lazy("Search for “%(text)s”"),
    "nothing": gettext_lazy("Nothing by that name."),
}


def urgency(seconds: float, soon: timedelta = SOON) -> str:
    """`over`, `soon` or `fine`: the second half of the class `clock--…`."""
    if seconds < 0:
        return "over"
    return "soon" if seconds <= soon.total_seconds() else "fine"


def clock_text(seconds: float) -> str:
    """Time left in words that a glance can read: “4 min left”, “12 min late”, “1 h 40 left”, “2 d 3 h left”.

    Whole units passed are counted, so “0 s left” turns into “0 s late”. `due-clock.js` does the same.
    """
    phrases = CLOCK["over" if seconds < 0 else "left"]
    whole = int(abs(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 60:
        return gettext(phrases["seconds"]) % {"seconds": whole}
    if minutes < 60:
        return gettext(phrases["minutes"]) % {"minutes": minutes}
    if hours < 24:
        kind = "hours" if minutes % 60 else "full_hours"
        return gettext(phrases[kind]) % {"hours": hours, "minutes": f"{minutes % 60:02d}"}
    return gettext(phrases["days"]) % {"days": days, "hours": hours % 24}


def moment(at: datetime, now: datetime | None = None) -> str:
    """A moment as people say it in the active time zone: “13:52”, “yesterday 13:52”, “3 Nov”, “3 Nov 2024”."""
    local, today = timezone.localtime(at), timezone.localtime(now or timezone.now()).date()
    clock = formats.time_format(local, "H:i")
    distance = (local.date() - today).days
    if distance == 0:
        return clock
    if distance == -1:
        return gettext("yesterday %(time)s") % {"time": clock}
    if distance == 1:
        return gettext("tomorrow %(time)s") % {"time": clock}
    if 1 < distance < 7:
        return f"{formats.date_format(local, 'l')} {clock}"
    return formats.date_format(local, "j M" if local.year == today.year else "j M Y")


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long ago, for health and presence: “just now”, “4 seconds ago”, “3 hours ago”, then the day."""
    seconds = int(((now or timezone.now()) - at).total_seconds())
    if seconds < 2:
        return gettext("just now")
    if seconds < 60:
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", seconds // 60) % {"n": seconds // 60}
    if seconds < 86400:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", seconds // 3600) % {"n": seconds // 3600}
    return moment(at, now)


def for_script() -> dict[str, Any]:
    """All phrases that scripts write, in the active language."""
    clock = {side: {unit: gettext(text) for unit, text in units.items()} for side, units in CLOCK.items()}
    prefix = {state: gettext(text) if text else "" for state, text in PREFIX.items()}
    return {"clock": clock, "prefix": prefix, **{name: str(text) for name, text in SCRIPT.items()}}
