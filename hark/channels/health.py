"""How an account is, in words: what people read on the accounts page, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.web import words

from .abilities import Collects, Polls
from .models import Account

QUIET = timedelta(minutes=10)  # a collected network answers several times a minute
ENDS_SOON = timedelta(days=7)
ICONS = {"done": "check", "soon": "clock", "over": "hold", "paused": "pause"}

INBOUND: dict[str, Any] = {
    "mention": gettext_lazy("mentions"),
    "comment": gettext_lazy("comments"),
    "dm": gettext_lazy("direct messages"),
    "review": gettext_lazy("reviews"),
}


@dataclass(frozen=True)
class Health:
    """`state` picks shape and colour: done, soon, over, paused. `advice` is a sentence for the top of the page, or empty."""

    state: str
    label: str
    detail: str = ""
    advice: str = ""
    needs_reconnect: bool = False

    @property
    def icon(self) -> str:
        return ICONS[self.state]


def health_of(account: Account, now: datetime | None = None) -> Health:
    """What hurts most, first."""
    now = now or timezone.now()
    if account.disconnected_at:
        return Health(
            "paused",
            _("Disconnected"),
            _("since %(day)s; its history stays") % {"day": words.moment(account.disconnected_at, now)},
        )
    if account.health == Account.Health.RECONNECT:
        return Health(
            "over",
            _("Must be connected anew"),
            account.last_error,
            _("%(account)s has stopped. Connect it anew: it then reads what it missed, and sends what waits.")
            % {"account": account.handle},
            needs_reconnect=True,
        )
    if account.token_expires_at and account.token_expires_at < now + ENDS_SOON:
        return _ending(account, account.token_expires_at, now)
    if account.health == Account.Health.TROUBLE:
        since = words.moment(account.last_error_at, now) if account.last_error_at else ""
        return Health(
            "over",
            _("Trouble, trying again"),
            " · ".join(
                part
                for part in (_("since %(time)s") % {"time": since} if since else "", account.last_error)
                if part
            ),
        )
    if account.paused_until and account.paused_until > now:
        return Health(
            "paused",
            _("Sending pauses"),
            _("the network asked us to wait until %(time)s")
            % {"time": words.moment(account.paused_until, now)},
        )
    if account.health == Account.Health.CATCHING_UP:
        return Health("soon", _("Catching up"), _("reading what was missed %(gap)s") % {"gap": account.gap})
    return _fine(account, now)


def _ending(account: Account, ends: datetime, now: datetime) -> Health:
    day = words.moment(ends, now)
    if ends <= now:
        return Health(
            "over",
            _("Permission ended"),
            day,
            _("The permission of %(account)s has ended. Renew it: that loses nothing.")
            % {"account": account.handle},
            needs_reconnect=True,
        )
    return Health(
        "soon",
        _("Ends %(day)s") % {"day": day},
        "",
        _("%(account)s will stop: its permission ends %(day)s. Renewing it loses nothing.")
        % {"account": account.handle, "day": day},
        needs_reconnect=True,
    )


def _fine(account: Account, now: datetime) -> Health:
    if not account.network.can.inbound_style:
        return Health("done", _("Imported"), _("nothing arrives here by itself"))
    if not isinstance(account.network, Collects | Polls):
        return Health("done", _("Fine"))
    if account.last_seen_at is None:
        waits = now - account.connected_at > QUIET
        return (
            Health("over", _("Never heard"), _nobody_collects())
            if waits
            else Health("soon", _("Just connected"))
        )
    rests = account.cursor.get("rests_seconds")  # a source that is asked seldom says so itself
    if now - account.last_seen_at > QUIET + timedelta(seconds=rests if isinstance(rests, int | float) else 0):
        return Health("over", _("Not heard"), _nobody_collects())
    return Health("done", _("Fine"))


def _nobody_collects() -> str:
    return _("nobody is listening: does the process “collectors” run?")


def hears(account: Account) -> str:
    """“mentions, comments, direct messages”."""
    inbound = account.network.can.inbound
    return ", ".join(str(name) for key, name in INBOUND.items() if key in inbound)


def says(account: Account) -> str:
    can: Any = account.network.can
    if can.reply_public and can.dm_send:
        return _("in public and in private")
    if can.reply_public:
        return _("in public")
    return _("in private") if can.dm_send else _("nothing: it can only be read")
