"""Files that a network gives to the account alone, from their stand-ins: the token goes nowhere else and is kept nowhere."""

from __future__ import annotations

import json

import pytest

from hark.cases.copying import copy_due
from hark.cases.models import Media
from hark.channels import http
from hark.channels.base import Refused

from . import twilio
from .desk import hears
from .kit import Call, Say, route
from .meta import Meta as GraphApi
from .rigs import Sms, Telegram, WhatsApp
from .telegram import TOKEN, BotApi, yes
from .twilio import PICTURE

pytestmark = pytest.mark.django_db(transaction=True)


class Bot(BotApi):
    @route("POST", r"/bot(?P<token>[^/]+)/getFile")
    def get_file(self, call: Call) -> Say:
        return yes({"file_id": call.json["file_id"], "file_path": self.path})

    @route("GET", r"/file/bot(?P<token>[^/]+)/voice/1\.oga")
    def file(self, call: Call) -> Say:
        return Say(b"OggS voice", headers={"content-type": "application/octet-stream"})

    path = "voice/1.oga"


class Graph(GraphApi):
    away = ""

    def answer(self, method, path, query, body, token):
        if path == "medium1":
            return {"url": self.away or f"{self.url}/file", "mime_type": "image/png"}
        return super().answer(method, path, query, body, token)

    @route("GET", "/file")
    def file(self, call: Call) -> Say:
        return Say(PICTURE if call.bearer == "cloud-token" else None, 200 if call.bearer else 401)

    def _answer(self, call: Call) -> Say:
        return self.file(call) if call.path == "/file" else super()._answer(call)


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    http._waits.clear()


def copied() -> Media:
    copy_due()
    row = Media.objects.get()
    assert row.problem == ""
    return row


def test_a_voice_note_of_telegram(request, monkeypatch, at_once, settings):
    rig = Telegram(request)
    monkeypatch.setattr(rig, "stands_in", Bot)
    with rig.running():
        account = rig.connected(at_once)
        voice = {"file_id": "v1", "file_unique_id": "u", "duration": 2, "mime_type": "audio/ogg"}
        rui = rig.network.person(5550001111, "Rui")
        rig.network.says(rui, "", voice=voice)
        rig.gives(account)
        row = copied()
        assert (row.kind, row.content_type, row.url) == ("audio", "audio/ogg", "held:v1")
        assert (settings.HARK_MEDIA / row.stored).read_bytes() == b"OggS voice"
        assert TOKEN not in row.url
        rig.network.path = "../../etc/passwd"
        with pytest.raises(Refused):
            account.network.fetch(account.connection(), "v1")


def test_a_picture_of_whatsapp(request, monkeypatch, at_once):
    rig = WhatsApp(request)
    made = rig.stands_in

    def stands_in():
        monkeypatch.setattr("tests.networks.meta.Meta", Graph)
        return made()

    monkeypatch.setattr(rig, "stands_in", stands_in)
    with rig.running():
        account = rig.connected(at_once)
        told = rig.network.texts("351910000000", "77001", "Lu", "")
        message = told["entry"][0]["changes"][0]["value"]["messages"][0]
        del message["text"]
        message |= {"type": "image", "image": {"id": "medium1", "mime_type": "image/png", "sha256": "x"}}
        hears(account, json.dumps(told).encode())
        assert copied().content_type == "image/png"
        rig.network.away = "https://evil.example/file"  # the token is for Meta's own hosts
        with pytest.raises(Refused):
            account.network.fetch(account.connection(), "medium1")


def test_a_picture_of_an_mms(request, monkeypatch, at_once):
    rig = Sms(request)
    with rig.running():
        account = rig.connected(at_once)
        rig.network.writes("+351910000000", "look", media=("image/png",))
        rig.gives(account)
        row = copied()
        assert (row.kind, row.content_type) == ("image", "image/png")
        assert twilio.Twilio.token not in row.url
