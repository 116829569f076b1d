"""What a file is, by its first bytes: what a server says of it is a claim. And a small picture of a large one."""

from __future__ import annotations

import io

SIGNS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
SOUND_TOO = {"video/mp4": "audio/mp4", "video/webm": "audio/webm"}  # containers that may hold sound alone
PLAYED = ("image/", "video/", "audio/")
UNKNOWN = "application/octet-stream"
SMALL, MOST_PIXELS = (640, 640), 40_000_000


def content_type_of(content: bytes, declared: str) -> str:
    """The type that the bytes show. What claims to be shown or played and does not look like it is a plain file."""
    found = _by_signs(content)
    if declared.startswith("audio/") and found in SOUND_TOO:
        return SOUND_TOO[found]
    if found:
        return found
    return UNKNOWN if declared.startswith(PLAYED) or declared == "application/pdf" else declared


def _by_signs(content: bytes) -> str:
    for sign, kind in SIGNS:
        if content.startswith(sign):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return {b"avif": "image/avif", b"M4A ": "audio/mp4"}.get(content[8:12], "video/mp4")
    if content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE6 == 0xE2:  # MPEG audio, layer III
        return "audio/mpeg"
    return ""


def small(content: bytes) -> bytes:
    """The picture within 640 × 640, upright, as WebP; b"" when it is small already, moves, or can't be read."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as image:
            is_large = image.width > SMALL[0] or image.height > SMALL[1]
            if (
                not is_large
                or image.width * image.height > MOST_PIXELS
                or getattr(image, "is_animated", False)
            ):
                return b""
            image.draft("RGB", SMALL)
            upright = ImageOps.exif_transpose(image).convert("RGBA" if "A" in image.getbands() else "RGB")
            upright.thumbnail(SMALL)
            out = io.BytesIO()
            upright.save(out, "WEBP", quality=80)
            return out.getvalue()
    except Exception:  # a picture of somebody else's making: whatever the decoder says, it has no small form
        return b""
