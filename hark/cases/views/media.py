"""Pictures and files of messages: only for whoever may read the case."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404

from hark.brands.access import AgentRequest
from hark.cases.copying import SMALL
from hark.cases.models import Case, Media, Message
from hark.channels.base import Unreadable
from hark.channels.models import Delivery

from .shared import reads

SANDBOX = "default-src 'none'; sandbox"
SHOWN_INLINE = {
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/avif",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/webm",
}


@reads
def media(request: AgentRequest, pk: int) -> FileResponse:
    """The stored copy of a picture or file. What a browser could run as a page is only ever offered for download.

    Words of others in a thread are readable with the case that shows the thread, and so are their pictures.
    """
    row = get_object_or_404(Media.objects.select_related("message"), pk=pk, message__brand=request.brand)
    if not row.stored or not _may_see(request, row.message):
        raise Http404
    if "small" in request.GET and (settings.HARK_MEDIA / (row.stored + SMALL)).is_file():
        return stored_file(row.stored + SMALL, "image/webp", row.alt or row.kind)
    return stored_file(row.stored, row.content_type, row.alt or row.kind)


@reads
def page(request: AgentRequest, pk: int) -> HttpResponse:
    """A message as its author laid it out, made harmless, and in a sandbox besides."""
    message = get_object_or_404(
        Message.objects.select_related("thread__account"), pk=pk, brand=request.brand, facts__page=True
    )
    if not _may_see(request, message):
        raise Http404
    account = message.thread.account
    delivery = Delivery.objects.filter(pk=message.delivery_id or 0, account=account).first()
    try:
        found = account.network.part(bytes(delivery.raw), "page") if delivery and delivery.raw else None
    except Unreadable:
        found = None
    if found is None:
        raise Http404
    response = HttpResponse(found[1], content_type="text/html; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = SANDBOX
    return response


def _may_see(request: AgentRequest, message: Message) -> bool:
    if message.is_deleted:
        return False
    mine = Case.objects.visible_to(request.member)
    if message.case_id and mine.filter(pk=message.case_id).exists():
        return True
    return not message.private and mine.filter(messages__thread=message.thread_id).exists()


def stored_file(stored: str, content_type: str, name: str) -> FileResponse:
    """A file below the media folder; 404 for one that is gone or whose path leads elsewhere."""
    root = Path(settings.HARK_MEDIA).resolve()
    path = (root / stored).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise Http404
    inline = content_type in SHOWN_INLINE
    response = FileResponse(
        path.open("rb"),
        as_attachment=not inline,
        filename=f"{name[:80]}{path.suffix}",
        content_type=content_type if inline else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = SANDBOX
    return response
