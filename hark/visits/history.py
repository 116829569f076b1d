"""What a visitor sees of the conversation: their own lines and what people of the brand answered. Nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from hark.cases.models import Media, Message
from hark.channels.networks.webchat.adapter import PICTURES
from hark.customers.personal_details import covered

from .models import Visit

MOST = 200  # messages at once: the newest
OVERLAP = timedelta(seconds=15)  # a commit may show later than its clock says; the window drops what it has
FILE_SALT = "hark.visits.file"
FILE_SECONDS = 6 * 3600


def events_after(visit: Visit, cursor: str = "") -> dict[str, Any]:
    """`events`: messages that are new or changed since the cursor, oldest first; `cursor`: what to ask with next time.

    An event is given again when asked twice: it is the message as it is now, to be put in place of an older one.
    Raises ValueError for a cursor that is none.
    """
    now = timezone.now()
    messages = (
        Message.objects.filter(thread__in=visit.threads(), private=True)
        .annotate(changed_at=Greatest("arrived_at", "edited_at", "deleted_at"))
        .select_related("member__user")
        .prefetch_related("media")
    )
    if cursor:
        since = datetime.fromisoformat(cursor)
        if since.tzinfo is None:
            raise ValueError(cursor)
        messages = messages.filter(changed_at__gt=since - OVERLAP)
    newest = list(messages.order_by("-published_at", "-pk")[:MOST])
    return {"events": [_event(visit, message) for message in reversed(newest)], "cursor": now.isoformat()}


def quote_of(visit: Visit) -> dict[str, str] | None:
    """The public post that led here, for whoever followed a hand-off: a link that others may open. Personal details are covered."""
    return quote(visit.move.case_id) if visit.move else None


def quote(case_id: int) -> dict[str, str] | None:
    first = (
        Message.objects.filter(case=case_id, private=False, outbound=False, deleted_at=None)
        .exclude(Q(text="") & Q(url=""))
        .select_related("profile", "brand")
        .order_by("published_at", "pk")
        .first()
    )
    if first is None:
        return None
    text = covered(first.text, first.brand.number_shapes)[:500]
    return {"text": text, "author": str(first.profile) if first.profile else "", "url": first.url}


def _event(visit: Visit, message: Message) -> dict[str, Any]:
    gone = message.deleted_at is not None
    return {
        "id": f"m{message.pk}",
        "client_id": "" if message.outbound else message.external_id.rpartition("/")[2],
        "direction": "out" if message.outbound else "in",
        "author": _writer(message),
        "text": "" if gone else message.text,
        "files": [] if gone else [_file(visit, medium) for medium in message.media.all()],
        "at": message.published_at.isoformat(),
        "edited": message.edited_at is not None,
        "deleted": gone,
    }


def _writer(message: Message) -> str:
    """The first name of whoever answered; of the customer nothing, who knows it."""
    return message.member.user.first_name if message.outbound and message.member else ""


def _file(visit: Visit, medium: Media) -> dict[str, str]:
    ticket = signing.dumps([visit.pk, medium.pk], salt=FILE_SALT)
    return {"url": reverse("visits:file", args=[ticket]), "alt": medium.alt, "kind": medium.kind}


def file_behind(ticket: str) -> Media | None:
    """The picture of a signed address that has not run out, if it still belongs to what that visit may see."""
    try:
        visit_pk, pk = signing.loads(ticket, salt=FILE_SALT, max_age=FILE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    visit = Visit.objects.alive().filter(pk=visit_pk).first()
    if visit is None:
        return None
    return (
        Media.objects.filter(
            pk=pk,
            message__thread__in=visit.threads(),
            message__private=True,
            message__deleted_at=None,
            content_type__in=PICTURES.types,
        )
        .exclude(stored="")
        .first()
    )
