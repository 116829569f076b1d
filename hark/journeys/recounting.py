"""Once a night: the discussions that moved lately, counted there and here. Those that differ are read again.

Where a network can count (`Counts`). What was missed is stored like any other delivery, and marked as recovered.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.cases.models import Message, Thread
from hark.channels import intake, oauth
from hark.channels.abilities import Counts
from hark.channels.base import Failure
from hark.channels.models import Account, Recount
from hark.live import bus, topics

log = structlog.get_logger(__name__)

MOVED = timedelta(days=7)
MOST_THREADS = 500  # of one account, those that moved last
SHOWN = 100


def recount_all() -> int:
    """Every connected account whose network can count; how many those were. One that can't be asked stops no other."""
    counted = 0
    for account in Account.objects.connected().of_people().exclude(health=Account.Health.RECONNECT):
        if isinstance(account.network, Counts):
            recount(account)
            counted += 1
    return counted


def recount(account: Account) -> Recount:
    """Count, read again what differs, and keep what was found."""
    row = Recount(account=account, brand_id=account.brand_id)
    try:
        _count(account, row)
    except Failure as problem:
        row.problem = str(problem)
    except Exception as problem:  # an adapter's fault must not stop the accounts behind it
        log.exception("recounting.failed", account=account.pk)
        row.problem = _("The adapter failed: %(why)s") % {"why": f"{type(problem).__name__}: {problem}"}
    row.save()
    log.info("recounting.done", account=account.pk, here=row.here, there=row.there, found=row.found)
    bus.publish(topics.accounts(account.brand_id))
    return row


def _count(account: Account, row: Recount) -> None:
    network, connection = account.network, oauth.connection(account)
    here = _here(account)
    there = network.count(connection, list(here)) if here else {}
    compared = [name for name in here if name in there]
    row.threads = len(compared)
    row.here, row.there = sum(here[name] for name in compared), sum(there[name] for name in compared)
    differing = [name for name in compared if here[name] != there[name]]
    row.differing = [[name, here[name], there[name]] for name in differing[:SHOWN]]
    for name in differing:
        row.found += intake.append(account, network.reread(connection, name), recovered=True)


def _here(account: Account) -> dict[str, int]:
    """Living messages by the network's id of their thread, of the threads that moved last."""
    moved = (
        Thread.objects.filter(account=account, messages__published_at__gte=timezone.now() - MOVED)
        .annotate(last=Max("messages__published_at"))
        .order_by("-last")
        .values_list("pk", flat=True)[:MOST_THREADS]
    )
    counts = (
        Message.objects.filter(thread__in=list(moved), deleted_at=None)
        .values_list("thread__external_id")
        .annotate(count=Count("pk"))
    )
    return dict(counts)
