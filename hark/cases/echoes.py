"""What a person said had arrived has no identity of the network. When the network says it too, they are one message.

An echo belongs to such a message when it stands in the same thread of the same account, says the same, and was published
between the press of Send and the press of "It arrived". Links may differ: some networks shorten them.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from hark.channels.reading import Incoming

from .models import Message, Thread

TOLD = "told-"  # how the identity of a message begins that somebody vouched for
SLACK = timedelta(minutes=10)  # clocks of networks and ours
LINK = re.compile(r"https?://\S+|\bt\.co/\S+", re.I)


def told(key: uuid.UUID) -> str:
    """The identity of a reply that somebody says has arrived, until the network gives it one."""
    return f"{TOLD}{key}"


def says_the_same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def adopt(incoming: Iterable[Incoming]) -> None:
    """Give messages that were vouched for the identity of their echo in this batch, each once. A query, where there is an echo."""
    echoes = sorted(
        (one for one in incoming if one.message.by_brand and one.message.kind == "created"),
        key=lambda one: one.message.at,
    )
    if not echoes:
        return
    waiting = _vouched_for(echoes)
    for one in echoes if waiting else ():
        name, at = (one.message.thread or one.message.external_id)[:512], one.message.at
        found = next(
            (
                message
                for message in waiting
                if (message.account_id_at, message.thread.external_id) == (one.account.pk, name)
                and message.published_at - SLACK <= at <= message.arrived_at + SLACK
                and says_the_same(message.text, one.message.text)
            ),
            None,
        )
        if found and _take_over(found, one):
            waiting.remove(found)


def echo_of(text: str, thread: Thread | None, *, since: datetime) -> Message | None:
    """An echo that came before anybody vouched: the brand's own message in that thread that nobody here has written."""
    if thread is None:
        return None
    rows = Message.objects.filter(
        thread=thread,
        published_at__gte=since - SLACK,
        outbound=True,
        member=None,
        reply=None,
        deleted_at=None,
    )
    return next((row for row in rows.order_by("published_at", "id") if says_the_same(row.text, text)), None)


def _vouched_for(echoes: list[Incoming]) -> list[Message]:
    """Those of the threads of the echoes, oldest first."""
    threads = Q()
    for one in echoes:
        name = (one.message.thread or one.message.external_id)[:512]
        threads |= Q(account=one.account.pk, external_id=name)
    return list(
        Message.objects.filter(
            thread__in=Thread.objects.filter(threads),
            outbound=True,
            deleted_at=None,
            external_id__startswith=TOLD,
        )
        .select_related("thread")
        .order_by("published_at", "id")
    )


def _take_over(message: Message, echo: Incoming) -> bool:
    """False when the network's message is stored already."""
    said, name = echo.message, echo.message.external_id[:512]
    if Message.objects.filter(account_id_at=echo.account.pk, external_id=name).exists():
        return False
    Message.objects.filter(pk=message.pk).update(
        external_id=name,
        text=said.text,  # as it stands there: nobody has edited it
        url=said.url[:2000],
        version=said.version[:128],
        facts={**message.facts, **said.facts},
        delivery_id=echo.delivery.pk,
    )
    return True


def _bare(text: str) -> str:
    """Links, white space and kinds of quotes aside."""
    plain = unicodedata.normalize("NFC", LINK.sub("¤", text)).translate(
        {0x2019: "'", 0x201C: '"', 0x201D: '"'}
    )
    return " ".join(plain.split())
