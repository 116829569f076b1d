"""What works for an account, in plain words: the token, and whether the app still hears."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from hark.channels.abilities import Finding
from hark.channels.base import Connection, Failure, NeedsReconnect

from . import graph
from .failures import reading
from .shapes import parts


def findings(connection: Connection, who: str, hears: str, wanted: str) -> list[Finding]:
    """`who` is asked for by the token, `hears` tells what the app is subscribed to, `wanted` names the fields it needs."""
    return [
        _found(lambda: _token(connection, who), _("The token works.")),
        _found(lambda: _hears(connection, hears, wanted), _("The app hears what happens there.")),
    ]


def _found(ask: Callable[[], str], good: str) -> Finding:
    try:
        problem = ask()
    except NeedsReconnect as failure:
        return Finding(False, str(failure))
    except Failure as failure:
        return Finding(None, str(failure))
    return Finding(not problem, problem or good)


def _token(connection: Connection, who: str) -> str:
    with reading():
        graph.get(connection, graph.path(who), fields="id")
    return ""


def _hears(connection: Connection, of: str, wanted: str) -> str:
    """Empty when all is well. Meta unsubscribes an app whose address failed for an hour."""
    with reading():
        apps = parts(graph.get(connection, graph.path(of, "subscribed_apps")), "data")
    if not apps:
        return _(
            "The app is not subscribed: nothing arrives. Connect the account anew, which subscribes it again."
        )
    lists = [app["subscribed_fields"] for app in apps if isinstance(app.get("subscribed_fields"), list)]
    missing = sorted(set(wanted.split(",")) - {str(name) for names in lists for name in names} - {""})
    if lists and missing:
        return _("The app does not hear: %(missing)s. Connect the account anew.") % {
            "missing": ", ".join(missing)
        }
    return ""
