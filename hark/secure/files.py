"""Files that customers hand in: type, size and content checked, made anew where that can be, scanned if there is a scanner.

They lie below the media folder (never served directly) under a name of ours, until their message has its own copy.
"""

from __future__ import annotations

import io
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from hark.channels.networks.secure import lines

from . import scanning

MOST_BYTES = 10 * 2**20  # of one file
MOST_FILES = 5  # with one message
MOST_PIXELS = 40_000_000
WAITING_SECONDS = 2 * 24 * 3600  # longer than a message needs to be read
ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
KEPT_OF_IMAGE = {"transparency"}  # of what stands beside the pixels: no place, no comment, no profile
# What a document must not do by itself: https://pdfa.org/resource/iso-32000-2/ (12.6, actions; 7.11.4, embedded files)
ACTIVE_PDF = re.compile(
    rb"/(?:JavaScript|JS|Launch|OpenAction|AA|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE)\b"
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")  # "/J#61vaScript" is "/JavaScript": ISO 32000-2, 7.3.5
FOREIGN = (b"PK\x03\x04", b"<!doctype", b"<html", b"<script", b"<svg", b"<?php", b"MZ\x90", b"#!/")


class Refused(Exception):
    """Why a file is not taken: a sentence for whoever sent it."""


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: what it holds now, and the ending that tells its type."""

    name: str
    ending: str
    content: bytes


def check(upload: UploadedFile[Any]) -> Checked:
    """The file as it may be kept. Its name and the type that the browser claims count for nothing. Raises Refused."""
    name = shown_name(upload.name or "")
    if (upload.size or 0) > MOST_BYTES:
        raise Refused(_("“%(name)s” is larger than %(mb)s MB.") % {"name": name, "mb": MOST_BYTES // 2**20})
    content = upload.read(MOST_BYTES + 1)
    if not content:
        raise Refused(_("“%(name)s” is empty.") % {"name": name})
    if content.startswith(b"%PDF-"):
        _check_pdf(content, name)
        checked = Checked(name, "pdf", content)
    else:
        checked = Checked(name, *_drawn_anew(content, name))
    try:
        scanning.scan(checked.content)
    except scanning.Infected:
        raise Refused(_("“%(name)s” is not safe to open and was not taken.") % {"name": name}) from None
    except scanning.Away:
        raise Refused(
            _("Files can’t be checked right now, so “%(name)s” was not taken. Please try again later.")
            % {"name": name}
        ) from None
    return checked


def keep(checked: Checked) -> lines.File:
    """Write it where its message will find it."""
    folder = settings.HARK_MEDIA / lines.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    stored = f"{uuid.uuid4().hex}.{checked.ending}"
    (folder / stored).write_bytes(checked.content)
    return lines.File(stored, checked.name)


def tidy() -> int:
    """Remove what has waited so long that its message has a copy, or never came; how many."""
    gone = 0
    for path in (settings.HARK_MEDIA / lines.FOLDER).glob("*"):
        if path.stat().st_mtime < time.time() - WAITING_SECONDS:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def shown_name(name: str) -> str:
    """The last part of what the customer called it, without what an eye could be misled by."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    return plain[-80:] or _("file")


def _drawn_anew(content: bytes, name: str) -> tuple[str, bytes]:
    """The picture decoded and written again: nothing but its pixels is kept, nor what was hung behind them."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    unreadable = Refused(
        _("“%(name)s” can’t be taken: send a picture (JPEG, PNG, WebP or GIF) or a PDF.") % {"name": name}
    )
    try:
        with Image.open(io.BytesIO(content), formats=list(ENDINGS)) as image:
            kind = image.format or ""
            if image.width * image.height > MOST_PIXELS or kind not in ENDINGS:
                raise unreadable
            image.seek(0)
            if kind == "GIF":
                still: Any = next(iter(ImageSequence.Iterator(image))).convert("RGBA")
            else:
                still = ImageOps.exif_transpose(image)  # the way up is said beside the pixels
            still.info = {one: still.info[one] for one in KEPT_OF_IMAGE & still.info.keys()}
            out = io.BytesIO()
            still.save(out, format=kind)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        EOFError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as problem:
        raise unreadable from problem
    return ENDINGS[kind], out.getvalue()


def _check_pdf(content: bytes, name: str) -> None:
    low = content[:1024].lower()
    plain = ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)
    if b"%%EOF" not in content[-1024:] or any(sign.lower() in low for sign in FOREIGN):
        raise Refused(_("“%(name)s” is not a PDF that can be read.") % {"name": name})
    if ACTIVE_PDF.search(plain) or b"/Encrypt" in plain:
        raise Refused(
            _(
                "“%(name)s” runs something, holds other files or is locked. Print it to a new PDF, or send a photo."
            )
            % {"name": name}
        )
