"""Pictures, videos and quotes of a post."""

from __future__ import annotations

from typing import Any

from hark.channels.base import IncomingMedia

from .shapes import AT_URI, CID, POST

CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"
MOST_MEDIA = 8


def media(view: dict[str, Any] | None, record: dict[str, Any] | None, did: str) -> tuple[IncomingMedia, ...]:
    """From the AppView's own addresses where it gave them, else from the blobs that the record names."""
    found = [*_in_view(_media_part(view))] or [*_in_record(_media_part(record), did)]
    return tuple(item for item in found if item.url.startswith(("https://", "http://")))[:MOST_MEDIA]


def quoted(record: dict[str, Any] | None) -> str:
    """The address of the post that a record quotes, "" when it quotes none."""
    inner = (record or {}).get("record")
    if isinstance(inner, dict) and isinstance(inner.get("record"), dict):  # recordWithMedia
        inner = inner["record"]
    uri = inner.get("uri") if isinstance(inner, dict) else None
    parts = AT_URI.fullmatch(uri) if isinstance(uri, str) and len(uri) <= 512 else None
    return str(uri) if parts and parts[2] == POST else ""


def _media_part(embed: dict[str, Any] | None) -> dict[str, Any]:
    """The part with pictures: of a quote with pictures it is the half called `media`."""
    inner = (embed or {}).get("media")
    return inner if isinstance(inner, dict) else embed or {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _in_view(embed: dict[str, Any]) -> list[IncomingMedia]:
    found = [
        IncomingMedia("image", str(image.get("fullsize") or ""), _alt(image))
        for image in _objects(embed.get("images"))
    ]
    if playlist := embed.get("playlist"):
        found.append(IncomingMedia("video", str(playlist), _alt(embed), "application/vnd.apple.mpegurl"))
    return [item for item in found if item.url]


def _in_record(embed: dict[str, Any], did: str) -> list[IncomingMedia]:
    found = []
    for image in _objects(embed.get("images")):
        blob = image.get("image")
        if cid := _blob_cid(blob):
            found.append(IncomingMedia("image", f"{CDN}/{did}/{cid}@jpeg", _alt(image), "image/jpeg"))
    if cid := _blob_cid(embed.get("video")):
        url = f"https://video.bsky.app/watch/{did}/{cid}/playlist.m3u8"
        found.append(IncomingMedia("video", url, _alt(embed), "application/vnd.apple.mpegurl"))
    return found


def _blob_cid(blob: object) -> str:
    """The CID of a blob, in today's form or the one before 2023."""
    if not isinstance(blob, dict):
        return ""
    ref = blob.get("ref")
    cid = ref.get("$link") if isinstance(ref, dict) else blob.get("cid")
    return cid if isinstance(cid, str) and CID.fullmatch(cid) else ""


def _alt(item: dict[str, Any]) -> str:
    alt = item.get("alt")
    return alt.strip()[:2000] if isinstance(alt, str) else ""
