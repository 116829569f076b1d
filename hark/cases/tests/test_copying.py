"""Pictures are copied soon after they arrive, and only from where anybody may."""

from __future__ import annotations

import dataclasses
import http.server
import io
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from hark.cases import sniffing
from hark.cases.copying import copy_due
from hark.cases.models import Case, Media, Message
from hark.channels.base import TryLater
from hark.channels.models import Account
from hark.replies import actions as replies

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictures():
    """A small server of pictures on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status = int(self.path.strip("/").split(".")[0] or 200)
            body = b"\x89PNG\r\n\x1a\npicture" if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Type", "image/png; charset=x")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def post(practice, url):
    practice.says("maya", "Look", pictures=[{"url": url, "alt": "A broken wheel"}])
    return Media.objects.get()


def test_a_picture_is_copied_and_goes_when_its_post_is_deleted(
    practice, pictures, monkeypatch, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.HARK_MEDIA = tmp_path
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "127.0.0.1")
    row = post(practice, f"{pictures}/200.png")
    assert copy_due() == 1
    row.refresh_from_db()
    assert (tmp_path / row.stored).read_bytes() == b"\x89PNG\r\n\x1a\npicture"
    assert (row.content_type, row.problem, copy_due()) == ("image/png", "", 0)

    with django_capture_on_commit_callbacks(execute=True):
        practice.delivers({"key": "d", "type": "delete", "id": "m1", "at": practice.now.isoformat()})
    assert not Media.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert Message.objects.get().is_deleted


def test_no_picture_is_fetched_from_a_private_address(practice, pictures):
    row = post(practice, f"{pictures}/200.png")
    copy_due()
    row.refresh_from_db()
    assert row.stored == ""
    assert "127.0.0.1" in row.problem
    assert row.copy_at is None


def test_a_network_in_trouble_is_asked_again_and_a_missing_picture_is_not(practice, pictures, monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "127.0.0.1")
    row = post(practice, f"{pictures}/503.png")
    copy_due()
    row.refresh_from_db()
    assert row.copy_at > timezone.now()
    Media.objects.update(url=f"{pictures}/404.png", copy_at=timezone.now())
    copy_due()
    row.refresh_from_db()
    assert (row.copy_at, row.problem) == (None, "The network answered 404.")


def picture(width: int, height: int, turned: int = 1) -> bytes:
    """A JPEG whose left half is red; `turned` is its EXIF orientation."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = turned, "Lisbon, at home"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (picture(4, 4), "image/png", "image/jpeg"),
        (b"<html><script>", "image/png", "application/octet-stream"),
        (b"MZ\x90", "video/mp4", "application/octet-stream"),
        (b"\0\0\0\x20ftypM4A \0", "audio/aac", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "audio/mp4", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "", "video/mp4"),
        (b"OggS\0", "audio/ogg", "audio/ogg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "image/webp"),
        (b"a,b\n1,2", "text/csv", "text/csv"),
    ],
)
def test_a_file_is_what_its_bytes_say(content, declared, found):
    assert sniffing.content_type_of(content, declared) == found


def test_a_large_picture_has_a_small_one_upright_and_without_what_it_tells(tmp_path):
    with Image.open(io.BytesIO(sniffing.small(picture(2000, 1000, turned=6)))) as small:
        assert small.size == (320, 640)  # a quarter turn clockwise: the left side is on top
        top, bottom = small.convert("RGB").getpixel((160, 10)), small.convert("RGB").getpixel((160, 630))
        assert (top[0] > 200, bottom[2] > 200) == (True, True)
        assert not small.getexif()
    assert sniffing.small(picture(60, 60)) == b""
    assert sniffing.small(b"\xff\xd8\xff nothing") == b""


def test_a_picture_that_leaves_stands_upright_and_tells_no_place(practice, tomas, settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    practice.says("maya", "Show me")
    upload = SimpleUploadedFile("p.jpg", picture(200, 100, turned=6), "image/jpeg")
    file = replies.attach(Case.objects.get(), tomas, upload, "The label")
    with Image.open(tmp_path / file.stored) as sent:
        assert (sent.size, file.width, file.height) == ((100, 200), 100, 200)
        assert not sent.getexif()
        assert sent.getpixel((50, 5))[0] > 200


class Held:
    """A network that gives a file to its account alone."""

    def __init__(self, network, answers) -> None:
        self.network, self.answers = network, answers

    def __getattr__(self, name):
        return getattr(self.network, name)

    def fetch(self, connection, name):
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_what_only_the_account_is_given_is_copied_with_patience_and_shown_to_whom_it_may(
    practice, tomas, ruth, monkeypatch, settings, tmp_path
):
    settings.HARK_MEDIA = tmp_path
    row = post(practice, "https://x.example/a")
    Media.objects.update(url="held:abc")
    answers = [TryLater(5, "slow down"), ("image/jpeg; x=1", picture(1000, 1000)), ("video/mp4", b"<html>")]
    held = Held(row.message.thread.account.network, answers)
    monkeypatch.setattr(Account, "network", property(lambda _account: held))
    copy_due()
    row.refresh_from_db()
    assert (row.stored, row.problem, row.copy_at is None) == ("", "slow down", False)
    Media.objects.update(copy_at=timezone.now())
    copy_due()
    row.refresh_from_db()
    assert (row.content_type, row.kind, row.problem) == ("image/jpeg", "image", "")

    client = Client()
    client.force_login(tomas.user)
    address = f"/b/ternway/media/{row.pk}/"
    assert f'src="{address}?small"' in client.get(f"/b/ternway/cases/{row.message.case_id}/").text
    small, whole = client.get(f"{address}?small"), client.get(address)
    assert (small.headers["content-type"], whole.headers["content-type"]) == ("image/webp", "image/jpeg")
    assert len(b"".join(small)) < len(b"".join(whole))
    client.force_login(ruth.user)
    assert client.get(f"/b/ternway/media/{row.pk}/?small").status_code == 404

    Media.objects.update(kind="video", copy_at=timezone.now())
    copy_due()
    row.refresh_from_db()
    assert (row.content_type, row.kind) == ("application/octet-stream", "file")  # offered, never played


def test_no_copy_is_made_where_the_network_forbids_it(practice, monkeypatch):
    row = post(practice, "held:abc")
    forbids = dataclasses.replace(row.message.thread.account.network.can, media_copies=False)
    held = Held(row.message.thread.account.network, [])
    held.can = forbids
    monkeypatch.setattr(Account, "network", property(lambda _account: held))
    copy_due()
    row.refresh_from_db()
    assert (row.stored, "nobody keep a copy" in row.problem) == ("", True)
