"""Pictures are copied soon after they arrive, and only from where anybody may."""

from __future__ import annotations

import http.server
import threading

import pytest
from django.utils import timezone

from hark.cases.copying import copy_due
from hark.cases.models import Media, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictures():
    """A small server of pictures on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status = int(self.path.strip("/").split(".")[0] or 200)
            body = b"\x89PNG picture" if status == 200 else b""
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
    assert (tmp_path / row.stored).read_bytes() == b"\x89PNG picture"
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
