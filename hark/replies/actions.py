"""Drafts, files, and taking back what has not left yet."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.live import bus, topics

from .models import Approval, Draft, Reply, ReplyFile

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
IMAGE_BYTES = 8 * 2**20
KEPT_OF_IMAGE = {"transparency"}  # of what stands beside the pixels: no place, no comment, no profile
IMAGE_PIXELS = 40_000_000
DRAFT_LENGTH = 20_000


def draft_of(case: Case, member: Member, private: bool) -> str:
    """What the member was writing there; '' when nothing."""
    row = Draft.objects.filter(case=case, member=member, private=private).first()
    return row.text if row else ""


def drafts_of(case: Case, member: Member) -> list[str]:
    """What the member was writing to this customer, in public and then in private."""
    rows = Draft.objects.filter(case=case, member=member).order_by("private")
    return list(rows.values_list("text", flat=True))


def save_draft(case: Case, member: Member, *, private: bool, text: str) -> Draft | None:
    """Keep what is being written; an empty text ends the draft."""
    text = text.replace("\0", "")[:DRAFT_LENGTH]
    if not text.strip():
        Draft.objects.filter(case=case, member=member, private=private).delete()
        return None
    return Draft.objects.update_or_create(
        case=case,
        member=member,
        private=private,
        defaults={"text": text, "brand_id": case.brand_id, "saved_at": timezone.now()},
    )[0]


@transaction.atomic
def withdraw(reply: Reply, *, by: Member) -> str:
    """Take a reply back while it has not left; the whole text, which is a draft again. Raises NotPossible when it is too late.

    A reply of several posts is taken back whole.
    """
    rows = list(Reply.objects.select_for_update().filter(batch=reply.batch).order_by("position"))
    stopped = (Reply.State.REFUSED, Reply.State.HELD)
    if reply.purpose == Reply.Purpose.TRANSCRIPT:
        raise NotPossible(_("The customer asked for it, so it is not ours to take back."))
    if not all(row.can_be_taken_back or row.state in stopped for row in rows):
        raise NotPossible(
            _("It has left already. Where the network allows it, you can still correct it or take it down.")
        )
    for row in rows:
        row.state = Reply.State.WITHDRAWN
        row.save(update_fields=["state"])
    Approval.objects.filter(batch=reply.batch, state=Approval.State.WAITING).update(
        state=Approval.State.WITHDRAWN, decided_at=timezone.now()
    )
    text = "\n".join(row.text for row in rows)
    save_draft(reply.case, reply.author, private=reply.private, text=text)
    ReplyFile.objects.filter(reply__in=rows).update(reply=None)
    record(reply.case, Event.Kind.REPLY_WITHDRAWN, by=by, reply=reply.pk)
    bus.publish(topics.case(reply.case_id))
    return text


@transaction.atomic
def retry(reply: Reply, *, by: Member) -> None:
    """Try again what was refused or held, as it is. Raises NotPossible for what is under way, sent or taken back."""
    row = Reply.objects.select_for_update().get(pk=reply.pk)
    if row.state not in (Reply.State.REFUSED, Reply.State.HELD):
        raise NotPossible(_("Only a reply that was refused or held can be tried again."))
    del by
    row.state = Reply.State.QUEUED
    row.due_at = timezone.now()
    row.failure = row.failure_code = ""
    row.save(update_fields=["state", "due_at", "failure", "failure_code"])
    bus.publish(topics.case(row.case_id))


def attach(case: Case, member: Member, upload: UploadedFile[Any], alt: str = "") -> ReplyFile:
    """Keep a picture for the reply being written: decoded and written anew, so that nothing but pixels leaves.

    Raises NotPossible for what is no picture, or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if (upload.size or 0) > IMAGE_BYTES:
        raise NotPossible(_("The picture is larger than %(mb)s MB.") % {"mb": IMAGE_BYTES // 2**20})
    try:
        image: Image.Image = Image.open(io.BytesIO(upload.read()))
        kind = image.format or ""
        if kind not in IMAGE_TYPES or image.width * image.height > IMAGE_PIXELS:
            raise NotPossible(_("Send a JPEG, PNG, WebP or GIF of at most 40 megapixels."))
        image.load()
        image = ImageOps.exif_transpose(image)  # upright, before what says so is dropped
        image.info = {name: image.info[name] for name in KEPT_OF_IMAGE & image.info.keys()}
        out = io.BytesIO()
        image.save(out, format=kind)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as problem:
        raise NotPossible(_("This file is not a picture that can be read.")) from problem
    stored = f"replies/{case.brand_id}/{uuid.uuid4().hex}.{kind.lower()}"
    path = settings.HARK_MEDIA / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue())
    return ReplyFile.objects.create(
        brand_id=case.brand_id,
        case=case,
        member=member,
        name=(upload.name or "picture")[-120:].replace("\0", ""),
        content_type=IMAGE_TYPES[kind],
        stored=stored,
        alt=alt.replace("\0", "")[:1000],
        width=image.width,
        height=image.height,
    )


def pending_files(case: Case, member: Member) -> list[ReplyFile]:
    """Pictures that wait for the member's reply to this case."""
    return list(ReplyFile.objects.filter(case=case, member=member, reply=None).order_by("id"))


def drop_file(file: ReplyFile) -> None:
    """Take a picture off a reply that has not been sent."""
    if file.reply_id is None:
        (settings.HARK_MEDIA / file.stored).unlink(missing_ok=True)
        file.delete()
