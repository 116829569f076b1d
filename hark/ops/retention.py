"""How long every table keeps its rows: a rule for each, and the tidying that carries it out, once a night.

What belongs to a case is kept with it until somebody erases it. A test fails on a table without a rule;
docs/administrators.md shows them to operators.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from hark.replies.models import Draft

CASE = "with the case"
BRAND = "with the brand"
USER = "with the user"
FIXED = "bounded by the code"
ELSEWHERE = "tidied by its own package, see hark/ops/tasks.py"

# Kept for as long as what they belong to.
KEPT: dict[str, str] = {
    **dict.fromkeys(["brands.User", "account.EmailAddress", "mfa.Authenticator"], USER),
    **dict.fromkeys(["socialaccount.SocialAccount", "socialaccount.SocialToken", "admin.LogEntry"], USER),
    **dict.fromkeys(["brands.Brand", "brands.Location", "brands.Team", "brands.Member"], BRAND),
    **dict.fromkeys(["channels.Account", "cases.Tag", "customers.Merge"], BRAND),
    **dict.fromkeys(["secure.Rules", "secure.AskedForm", "replies.ApprovalRule", "actions.Action"], BRAND),
    **dict.fromkeys(["customers.Person", "customers.Profile", "channels.Delivery"], CASE),
    **dict.fromkeys(
        [
            f"cases.{name}"
            for name in [
                "Case",
                "Thread",
                "Message",
                "Media",
                "Event",
                "Step",
                "Note",
                "Snooze",
                "Regrouping",
                "Resolution",
                "AskedHow",
            ]
        ],
        CASE,
    ),
    **dict.fromkeys(["replies.Draft", "replies.Reply", "replies.Approval", "moves.Move"], CASE),
    **dict.fromkeys(["clocks.Clock", "clocks.Promise", "secure.SecurePage", "actions.Run"], CASE),
    **dict.fromkeys(["playbook.Use", "playbook.Waiting"], CASE),
    **dict.fromkeys(
        [f"playbook.{name}" for name in ["Answer", "Version", "Term", "Suggestion", "Gap"]], BRAND
    ),
    "crisis.Incident": BRAND,
    **dict.fromkeys(["auth.Group", "auth.Permission", "contenttypes.ContentType"], FIXED),
    **dict.fromkeys(["socialaccount.SocialApp", "practice.World", "practice.Persona"], FIXED),
    **dict.fromkeys(["sessions.Session", "account.EmailConfirmation"], ELSEWHERE),
    **dict.fromkeys(
        [f"procrastinate.Procrastinate{name}" for name in ["Job", "Event", "Worker", "PeriodicDefer"]],
        ELSEWHERE,
    ),
}

Choice = Callable[[Any, Any], QuerySet[Any]]  # the table and the moment before which a row is old


def _has_draft() -> Exists:
    """A file that was put to a draft stays as long as the draft."""
    return Exists(Draft.objects.filter(case=OuterRef("case"), member=OuterRef("member")))


def _has_session() -> Exists:
    return Exists(Session.objects.filter(session_key=OuterRef("session_key")))


# Gone after so many days.
PRUNED: dict[str, tuple[int, Choice]] = {
    "ops.Sample": (8, lambda model, old: model.objects.filter(at__lt=old)),
    "ops.Probe": (8, lambda model, old: model.objects.filter(at__lt=old)),
    "ops.BackupRun": (365, lambda model, old: model.objects.filter(started_at__lt=old)),
    "channels.Allowance": (3, lambda model, old: model.objects.filter(day__lt=old)),
    "channels.Gap": (365, lambda model, old: model.objects.filter(until__lt=old)),
    "channels.Recount": (90, lambda model, old: model.objects.filter(at__lt=old)),
    "cases.Presence": (1, lambda model, old: model.objects.filter(seen_at__lt=old)),
    "brands.SignInLink": (7, lambda model, old: model.objects.filter(expires_at__lt=old)),
    "brands.Invitation": (
        365,
        lambda model, old: model.objects.filter(
            Q(accepted_at__lt=old) | Q(withdrawn_at__lt=old) | Q(expires_at__lt=old)
        ),
    ),
    "replies.ReplyFile": (7, lambda model, old: model.objects.filter(~_has_draft(), reply=None, at__lt=old)),
    "usersessions.UserSession": (
        1,
        lambda model, old: model.objects.filter(~_has_session(), created_at__lt=old),
    ),
    "visits.Visit": (90, lambda model, old: model.objects.filter(move=None, email="", expires_at__lt=old)),
    "practice.Change": (30, lambda model, old: model.objects.filter(at__lt=old)),
    "practice.Play": (30, lambda model, old: model.objects.filter(started_at__lt=old)),
    "practice.Post": (30, lambda model, old: model.objects.filter(at__lt=old)),
    "practice.Act": (30, lambda model, old: model.objects.filter(play__started_at__lt=old)),
}
MOST = 5000  # rows of one table in one statement: no long locks


def prune() -> dict[str, int]:
    """Carry out every rule of PRUNED, and forget what the cache holds beyond its time; rows gone, by table."""
    gone = {name: _delete(apps.get_model(name), days, choose) for name, (days, choose) in PRUNED.items()}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hark_cache WHERE expires < now()")
        gone["hark_cache"] = cursor.rowcount
    return {name: count for name, count in gone.items() if count}


def _delete(model: type[Model], days: int, choose: Choice) -> int:
    old = timezone.now() - timedelta(days=days)
    count = 0
    while keys := list(choose(model, old).values_list("pk", flat=True)[:MOST]):
        if model._meta.label == "replies.ReplyFile":
            _delete_files(model, keys)
        model._base_manager.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def _delete_files(model: type[Model], keys: list[Any]) -> None:
    """What was put to a reply and never sent: the file goes before its row."""
    for stored in model._base_manager.filter(pk__in=keys).values_list("stored", flat=True):
        (settings.HARK_MEDIA / stored).unlink(missing_ok=True)
