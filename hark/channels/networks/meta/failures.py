"""Errors of the Graph API, told in the four shapes that the rest of Hark knows.

Sources: “Handling errors” of the Graph API, “Error codes” of the Messenger Platform and of the Cloud API.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import NeedsReconnect, Refused, TryLater, Unreadable, Unsure

from . import graph

log = structlog.get_logger(__name__)
UNEXPECTED = (
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ValueError,
    Unreadable,
)  # an answer of another shape
UNREACHED_SECONDS, THROTTLED_SECONDS, PASSING_SECONDS, DAY_SECONDS = 30.0, 300.0, 60.0, 86_400.0

THROTTLED = {4, 17, 32, 613, 80001, 80002, 80006, 80007, 130429, 131056}
PASSING = {1, 2, 131000, 131016, 131057}
TOMORROW = {131048, 131049, 131064}  # limits that are counted by the day
RECONNECT = {0, 3, 10, 102, 190, 131005, *range(200, 300)}
WINDOW = {131047}
WINDOW_SUBCODES = {2018278, 2534022}  # under code 10 (and 100 on some pages)
UNREACHABLE = {551, 131026, 131030, 131050, 130472, 130497, 9010}
TOO_LONG = {131053, 131052}
STOPPED = {368, 131031, 131042, 131045}
GONE = {33, 2018292}  # subcodes under code 100: the object is no longer there


@contextmanager
def reading() -> Iterator[None]:
    """A call that changes nothing: whatever stops it passes, or the account must be renewed, or it is final."""
    with _told(TryLater(UNREACHED_SECONDS, _("Meta did not answer in time."))):
        yield


@contextmanager
def writing() -> Iterator[None]:
    """A call that may have been carried out although no good answer came."""
    with _told(Unsure(_("Meta did not say whether it was published."))):
        yield


@contextmanager
def _told(lost: TryLater | Unsure) -> Iterator[None]:
    try:
        yield
    except http.NotReached as problem:
        raise TryLater(UNREACHED_SECONDS, str(problem)) from problem
    except http.AnswerLost as problem:
        raise lost from problem
    except graph.GraphError as problem:
        raise _shape(problem, lost) from problem
    except UNEXPECTED as problem:
        log.exception("meta_answer_not_understood")
        raise lost from problem


def _shape(
    problem: graph.GraphError, lost: TryLater | Unsure
) -> TryLater | Unsure | NeedsReconnect | Refused:
    code, subcode = problem.code, problem.subcode
    if problem.status == 429 or code in THROTTLED:
        return TryLater(problem.wait_seconds or THROTTLED_SECONDS, _("Meta asks us to slow down."))
    if code in TOMORROW:
        return TryLater(DAY_SECONDS, _("Meta takes no more of these messages today."))
    if problem.status >= 500:
        return lost  # also with code 1 or 2: it may have been accepted before something broke
    if code in PASSING:
        return TryLater(
            problem.wait_seconds or PASSING_SECONDS,
            _("Meta has trouble of its own: %(said)s") % _said(problem),
        )
    if code in WINDOW or subcode in WINDOW_SUBCODES:
        return Refused("window_closed", _("The time in which this customer may be written to has passed."))
    if code in STOPPED:
        return NeedsReconnect(_("Meta has stopped this account: %(said)s") % _said(problem))
    if (code in RECONNECT and (code or problem.status in (401, 403))) or problem.status == 401:
        return NeedsReconnect(
            _("Meta no longer lets us in, or a permission is missing: %(said)s") % _said(problem)
        )
    if code in UNREACHABLE:
        return Refused(
            "recipient_unreachable", _("This person can't be written to: %(said)s") % _said(problem)
        )
    if code in TOO_LONG:
        return Refused("too_long", _("Meta does not take the file: %(said)s") % _said(problem))
    if code == 100 and subcode in GONE:
        return Refused("gone", _("What is answered here is no longer there."))
    return Refused("never", _("Meta refused it: %(said)s") % _said(problem))


def _said(problem: graph.GraphError) -> dict[str, str]:
    return {"said": problem.text}
