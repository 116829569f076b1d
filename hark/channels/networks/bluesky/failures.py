"""What went wrong on the wire, told in the four shapes that the rest of Hark knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import NeedsReconnect, Refused, TryLater

from . import api

LABEL = "Bluesky"
RECONNECT = {
    "AuthenticationRequired", "AuthMissing", "ExpiredToken", "InvalidToken", "AccountTakedown", "AccountDeactivated",
    "AccountSuspended", "RepoDeactivated", "RepoTakendown", "AuthFactorTokenRequired",
}  # fmt: skip
UNREACHABLE = {
    "MessagesDisabled", "NotFollowedBySender", "BlockedActor", "BlockedSubject", "RecipientNotFound", "ConvoLocked",
    "InvalidConvo", "NotEligibleForGroup", "UserForbidsGroups",
}  # fmt: skip


class NoDirectMessages(NeedsReconnect):
    """The app password was made without access to direct messages."""


@contextmanager
def reading() -> Iterator[None]:
    """A call that changes nothing: whatever stops it passes, or the account must be renewed, or it is final."""
    with http.told(LABEL, http.lost_reading(LABEL), _final):
        yield


@contextmanager
def writing() -> Iterator[None]:
    """A call that may have been carried out although no good answer came."""
    with http.told(LABEL, http.lost_writing(LABEL), _final):
        yield


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused | TryLater:
    if not isinstance(problem, api.XrpcError):
        return http.final_for(LABEL)(problem)
    if lacks_direct_messages(problem):
        return NoDirectMessages(
            _(
                "The app password has no access to direct messages. Make a new one on Bluesky with “Allow access to "
                "your direct messages” ticked, and connect the account again."
            )
        )
    if problem.status == 401 or problem.name in RECONNECT:
        return NeedsReconnect(_("Bluesky no longer lets us in (%(said)s).") % {"said": problem.text})
    if problem.name in UNREACHABLE:
        return Refused("recipient_unreachable", why_unreachable(problem.name))
    if problem.name == "RecordNotFound":
        return Refused("gone", _("The post is no longer there."))
    if problem.status == 413 or problem.name in ("BlobTooLarge", "PayloadTooLarge"):
        return Refused("too_long", _("Bluesky finds it too large."))
    return Refused("never", _("Bluesky refused it: %(said)s") % {"said": problem.text})


def lacks_direct_messages(problem: api.XrpcError) -> bool:
    """A PDS answers so to a chat call with an app password that is not privileged."""
    return problem.status in (400, 401, 403) and "bad token method" in problem.text.lower()


def is_stale(problem: api.XrpcError) -> bool:
    """Whether a new access token may help: the call was turned away at the door, so it can be made again."""
    named = problem.name in ("ExpiredToken", "InvalidToken", "AuthMissing")
    return (named or problem.status == 401) and not lacks_direct_messages(problem)


def why_unreachable(name: str) -> str:
    """One sentence for the agent, from the error names of chat.bsky.convo.getConvoForMembers."""
    reasons = {
        "MessagesDisabled": _("They accept no direct messages."),
        "NotFollowedBySender": _("They accept direct messages only from accounts they follow."),
        "BlockedActor": _("They have blocked this account, or it has blocked them."),
        "BlockedSubject": _("They have blocked this account, or it has blocked them."),
        "RecipientNotFound": _("Their account is no longer there."),
        "ConvoLocked": _("The conversation is locked."),
        "InvalidConvo": _("The conversation is no longer there."),
    }
    return reasons.get(name, _("They can't be written to in private."))
