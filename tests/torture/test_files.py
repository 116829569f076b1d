"""Files from strangers and members: what is given out inline is on the short list, and no browser may guess otherwise."""

from __future__ import annotations

import gzip
import http.server
import io
import random
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from hark.cases import copying
from hark.cases.models import Media
from hark.cases.views.media import SHOWN_INLINE
from hark.channels.models import Account
from hark.replies.models import ReplyFile
from hark.visits import actions as visits
from hark.visits import history
from hark.visits.tests.conftest import take_in
from tests.isolation.world import people_of, settle

from .telling import FIXED_SEED, count, random_seed

pytestmark = [
    pytest.mark.torture,
    pytest.mark.django_db,
    pytest.mark.timeout(3600),
    pytest.mark.usefixtures("_unheard"),
]
SECRET = b"kanari-secret-of-the-camera"
SCRIPT = b"<script>kanari()</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="kanari()">' + SCRIPT + b"</svg>"
NAMES = [
    "../../../etc/passwd", "..\\..\\boot.ini", "/etc/cron.d/x", "x.php", "x.html", "x.svg", "x.png.html",
    "x.html\0.png", "CON", "x\r\nSet-Cookie: a=b",
    'x"; filename="y.html', "x;y.html", "‮gnp.html", "a" * 300 + ".png", ".htaccess", "", "%2e%2e%2fx", "x.png",
    "ünï😀.png", "-rf", "x/../../y.jpg",
]  # fmt: skip
TYPES = [
    "image/png", "image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/pdf",
    "image/png; charset=utf-7", "IMAGE/PNG",
    "image/jpeg, text/html", "text/javascript", "application/octet-stream", "", "multipart/x-mixed-replace",
    "image/gif", "video/mp4", "x" * 300,
]  # fmt: skip


def _picture(chance: random.Random, kind: str) -> bytes:
    """A good picture that tells where it was taken, in every place that its format has for words."""
    image, out = Image.new("RGB", (chance.randint(1, 40), chance.randint(1, 40)), "teal"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    words: dict[str, Any] = {"exif": exif, "comment": SECRET, "xmp": SECRET, "icc_profile": SECRET}
    if kind == "PNG":
        words["pnginfo"] = PngImagePlugin.PngInfo()
        words["pnginfo"].add_text("Comment", SECRET.decode())
    if kind == "GIF":
        words = {"comment": SECRET}
    image.save(out, format=kind, **words)
    return out.getvalue()


@cache
def _bomb() -> bytes:
    """A PNG of 50,000 × 50,000 in a few kilobytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10**6))
        + chunk(b"IEND", b"")
    )


def _content(chance: random.Random) -> bytes:
    kind = chance.choice(["PNG", "JPEG", "GIF", "WEBP"])
    good, zipped = _picture(chance, kind), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr("../../evil.html", HTML)
    choices = [
        good, good, good + HTML, good[:20] + SCRIPT + good[20:], good[: len(good) // 2], good[:12],
        b"GIF89a/*" + b"\0" * 20 + b"*/=1;" + SCRIPT,
        HTML, SVG, b"<?xml version='1.0'?>" + SVG, gzip.compress(SVG), b"\xff\xd8\xff\xe0" + HTML,
        b"\x89PNG\r\n\x1a\n" + HTML, b"%PDF-1.7\n" + HTML,
        b"BM" + HTML, b"\0\0\x01\0" + b"\0" * 40, zipped.getvalue(), good + zipped.getvalue(), _bomb(), b"", b"\0",
        b"RIFF\0\0\0\0WEBPVP8 " + HTML,
        b"8BPS" + HTML, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run", b"\x1f\x8b" + HTML,
        b"#define x_width 9\n" + SCRIPT, bytes(chance.randbytes(300)),
    ]  # fmt: skip
    spoilt = bytearray(chance.choice(choices))
    if spoilt and chance.random() < 0.25:
        for _ in range(chance.randint(1, 6)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


@pytest.fixture
def outside(monkeypatch) -> Iterator[Any]:
    """A server of a network that gives `outside.body` as `outside.type`."""

    class Outside(http.server.BaseHTTPRequestHandler):
        body, type = b"", ""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", Outside.type)
            self.end_headers()
            self.wfile.write(Outside.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    Outside.url = f"http://localhost:{server.server_address[1]}/x"  # type: ignore[attr-defined]
    yield Outside
    server.shutdown()
    server.server_close()


def test_files_are_given_out_as_nothing_but_files(outside, tell):
    seeds, number = [FIXED_SEED, random_seed()], count("FILES", 25)
    place = settle("ternway", "ours")
    member = Client()
    member.force_login(people_of(place.brand)["every role"].user)
    visitor = _visitor(place.brand)
    case, failed, tried, kept = place.rows["case"], [], 0, 0
    for at in range(number):
        chance = random.Random(seeds[at % 2] * 31 + at)
        content, name, said_type = _content(chance), chance.choice(NAMES), chance.choice(TYPES)
        what = f"{name!r} {said_type!r} {content[:40]!r}"

        tried += 1
        upload = SimpleUploadedFile("x", content, content_type=said_type or "x/y")
        upload._name = name  # as no browser would send it
        answer = member.post(
            f"/b/ternway/cases/{case.pk}/pictures/", {"picture": upload, "alt": name, "to": "public"}
        )
        if answer.status_code >= 500:
            failed.append(f"upload {what}: {answer.status_code}")
        for file in ReplyFile.objects.filter(case=case, reply=None):
            kept += 1
            path = f"/b/ternway/pictures/{file.pk}/"
            failed += [f"picture {what}: {one}" for one in _wrong(member.get(path), pixels_only=True)]
            failed += [] if _is_inside(file.stored) else [f"picture {what} is kept at {file.stored}"]
            file.delete()

        tried += 1
        outside.body, outside.type = content, said_type.replace("\r\n", "")
        messages = {"/b/ternway/media/{}/": place.rows["message"], "": visitor}
        for address, message in messages.items():
            medium = Media.objects.create(
                message=message, kind="image", url=outside.url, alt=name.replace("\0", "")
            )
            copying.copy_due()
            medium.refresh_from_db()
            if not address:
                ticket = history._file(message.visit, medium)["url"]
                answer = Client().get(ticket)
            else:
                answer = member.get(address.format(medium.pk))
            kept += answer.status_code == 200
            failed += [f"copy {what}: {one}" for one in _wrong(answer)]
            failed += [] if _is_inside(medium.stored) else [f"copy {what} is kept at {medium.stored}"]
            medium.delete()
    tell("G7", "files, uploaded and fetched", tried, failed, seeds, f"{kept} given out again")
    assert kept > number / 3


def _visitor(brand: Any) -> Any:
    """A message of a visitor of the chat; `visit` is theirs."""
    chat = Account(brand=brand, channel="webchat", external_id="chat", handle="chat", name="Chat")
    chat.seal({"identity_secret": "s"})
    chat.save()
    visit, _token = visits.begin(chat, name="Maya")
    visits.say(visit, "k12345678", "Hello")
    take_in()
    message = Media.message.field.related_model.objects.get(thread__account=chat)
    message.visit = visit
    return message


def _is_inside(stored: str) -> bool:
    root = settings.HARK_MEDIA.resolve()
    return not stored or (root / stored).resolve().is_relative_to(root)


def _wrong(answer: Any, *, pixels_only: bool = False) -> list[str]:
    """Why a browser could make more of this answer than a picture or a download."""
    if answer.status_code != 200:
        return [] if answer.status_code in (404, 302) else [f"answered {answer.status_code}"]
    body, wrong = b"".join(answer.streaming_content), []
    shown = not answer.get("Content-Disposition", "inline").startswith("attachment")
    if shown and answer["Content-Type"] not in SHOWN_INLINE:
        wrong.append(f"shown as {answer['Content-Type']}")
    if not shown and answer["Content-Type"] != "application/octet-stream":
        wrong.append(f"downloaded as {answer['Content-Type']}")
    if answer.get("X-Content-Type-Options") != "nosniff":
        wrong.append("without nosniff")
    if "sandbox" not in answer.get("Content-Security-Policy", ""):
        wrong.append("without a policy of its own")
    if "\n" in str(answer.headers) or "Set-Cookie" in answer.headers:
        wrong.append("a header of the file's name")
    if pixels_only and (SECRET in body or b"kanari" in body):
        wrong.append("words of the original are still in it")
    return wrong
