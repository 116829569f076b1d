"""Copies of pictures and files, made soon after arrival: the networks' own links expire within minutes or days.

A network that forbids copies says so (`Capabilities.media_copies`); then only the link is kept.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import httpx
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.channels import oauth
from hark.channels.abilities import Fetches
from hark.channels.base import Failure, Refused, Unreadable
from hark.channels.models import Delivery
from hark.live import bus, topics
from hark.web import outbound

from . import sniffing
from .models import Media

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than a fetch may take
ATTEMPTS = 5
SMALL = ".small"  # put behind the name of a picture: the small one of it
LONGEST = 16 * 2**20  # bytes of one file
KINDS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/webm": "weba",
    "application/pdf": "pdf",
}


def copy_due(most: int = 5) -> int:
    """Copy what waits; how many were tried. Leased first, fetched outside any transaction."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            Media.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(copy_at__lte=now)
            .select_related("message__thread__account")
            .order_by("copy_at")[:most]
        )
        Media.objects.filter(pk__in=[row.pk for row in rows]).update(copy_at=now + LEASE)
    for row in rows:
        _copy(row)
    return len(rows)


def _copy(row: Media) -> None:
    problem, again, stored, content_type = "", False, "", row.content_type
    if not row.message.thread.account.network.can.media_copies:
        problem = _("This network lets nobody keep a copy.")
    elif row.url.startswith("part:"):
        stored, content_type, problem = _unpack(row)
    elif row.url.startswith("held:"):
        stored, content_type, problem, again = _fetch(row)
    elif not row.url.startswith("http"):
        problem = _("There is no address to copy it from.")
    else:
        try:
            answer = outbound.fetch(row.url, most_bytes=LONGEST)
            content_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
            answer.raise_for_status()
            stored, content_type = _store(row, answer.content, content_type)
        except outbound.AnswerTooLong:
            problem = _("It is larger than %(mb)s MB.") % {"mb": LONGEST // 2**20}
        except outbound.AddressRefused as refusal:
            problem = str(refusal)
        except httpx.HTTPStatusError as failure:
            status = failure.response.status_code
            problem, again = (
                _("The network answered %(status)s.") % {"status": status},
                status >= 500 or status == 429,
            )
        except (httpx.HTTPError, OSError) as failure:
            problem, again = _("The network could not be reached: %(why)s") % {"why": failure}, True
    again = again and row.attempts + 1 < ATTEMPTS
    with transaction.atomic():
        Media.objects.filter(pk=row.pk).update(
            stored=stored,
            kind=row.kind if not stored or content_type.startswith(f"{row.kind}/") else Media.Kind.FILE,
            content_type=content_type[:100],
            problem=problem[:200],
            attempts=row.attempts + 1,
            copy_at=timezone.now() + timedelta(seconds=20 * 3**row.attempts) if again else None,
        )
        if row.message.case_id:
            bus.publish(topics.case(row.message.case_id))


def _unpack(row: Media) -> tuple[str, str, str]:
    """(where it is stored, content type, problem) of a file that came inside the delivery."""
    account = row.message.thread.account
    delivery = Delivery.objects.filter(pk=row.message.delivery_id or 0, account=account).first()
    name = row.url.removeprefix("part:")
    try:
        found = account.network.part(bytes(delivery.raw), name) if delivery and delivery.raw else None
    except Unreadable:
        found = None
    if found is None:
        return "", row.content_type, _("It is not in what was delivered.")
    content_type, content = found
    if len(content) > LONGEST:
        return "", content_type, _("It is larger than %(mb)s MB.") % {"mb": LONGEST // 2**20}
    return *_store(row, content, content_type), ""


def _fetch(row: Media) -> tuple[str, str, str, bool]:
    """(where it is stored, content type, problem, whether to try again) of a file that only the account is given."""
    account = row.message.thread.account
    if not isinstance(account.network, Fetches):
        return "", row.content_type, _("This network gives no files."), False
    try:
        content_type, content = account.network.fetch(
            oauth.connection(account), row.url.removeprefix("held:")
        )
    except Failure as failure:
        return "", row.content_type, str(failure), not isinstance(failure, Refused)
    if len(content) > LONGEST:
        return "", content_type, _("It is larger than %(mb)s MB.") % {"mb": LONGEST // 2**20}, False
    declared = content_type.split(";")[0].strip().lower()
    return *_store(row, content, declared if declared.count("/") == 1 else row.content_type), "", False


def _store(row: Media, content: bytes, declared: str) -> tuple[str, str]:
    """Where it is stored, and what it is by its bytes. A large picture gets a small one beside it."""
    content_type = sniffing.content_type_of(content, declared)
    stored = f"messages/{row.message.brand_id}/{uuid.uuid4().hex}.{KINDS.get(content_type, 'bin')}"
    path = settings.HARK_MEDIA / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if content_type.startswith("image/") and (small := sniffing.small(content)):
        (settings.HARK_MEDIA / (stored + SMALL)).write_bytes(small)
    return stored, content_type


def remove(rows: QuerySet[Media]) -> None:
    """Delete media and, once that is certain, their files."""
    files = [
        settings.HARK_MEDIA / stored for stored in rows.exclude(stored="").values_list("stored", flat=True)
    ]
    rows.delete()

    def unlink() -> None:
        for path in files:
            path.unlink(missing_ok=True)
            path.with_name(path.name + SMALL).unlink(missing_ok=True)

    transaction.on_commit(unlink)
