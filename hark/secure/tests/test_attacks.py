"""What somebody tries who should get nothing: guesses, other devices, late links, odd files, other cases."""

from __future__ import annotations

import io
import re
import socket
import threading
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from hark.brands import tokens
from hark.cases import copying
from hark.cases.models import Case, Media
from hark.cases.tests.pages import Pages
from hark.journeys.secure_page import Wanted, offer
from hark.secure import actions, files, scanning
from hark.secure.models import SecurePage
from hark.visits import limits

from .conftest import Phone, offered, take_in

pytestmark = pytest.mark.django_db
SECRET = "pushchair"  # of the public post; stands nowhere before the page is open


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Strandgaten 0"  # a description
    Image.new("RGB", size, "teal").save(out, kind, exif=exif)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


# The link --------------------------------------------------------------------------------------------


def test_a_link_has_256_bits_and_only_its_hash_is_stored(link, made):
    assert len(link) == actions.TOKEN_LENGTH
    assert made.token_hash == tokens.hashed(link)
    columns = [str(value) for value in SecurePage.objects.values_list()[0]]
    assert not any(link in column for column in columns)


def test_guessing_is_answered_alike_and_soon_made_to_wait(link, monkeypatch):
    monkeypatch.setattr(limits, "now", lambda: 1_795_510_030)
    http = Client()
    guesses = [
        tokens.fresh()[0],
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        "x",
        "a" * 5000,
        "%00",
    ]
    answers = [http.get(f"/s/{guess}") for guess in guesses]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.content for answer in answers}) == 1
    for _ in range(limits.UNKNOWN_TOKENS.most):
        answer = http.get(f"/s/{tokens.fresh()[0]}")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_a_second_device_gets_nothing_whatever_it_asks(maya, made, case):
    maya.posts("/say", text="Strandgaten 0")
    take_in()
    for stranger in (Phone(maya.link), Phone(maya.link)):
        stranger.http.cookies["hark_page"] = tokens.fresh()[0]
        for path in ("", "/news", "/transcript", "/close", "/files/1", "/pictures/1"):
            answer = stranger.gets(path)
            assert answer.status_code == 403, path
            assert b"Strandgaten" not in answer.content
            assert SECRET.encode() not in answer.content
        for path in ("/open", "/say", "/form", "/close", "/code"):
            assert stranger.posts(path, text="I am Maya").status_code == 403, path
    take_in()
    assert not case.messages.filter(text="I am Maya").exists()
    assert not SecurePage.objects.get().closed_at


def test_two_who_press_at_once_are_not_both_let_in(link, made):
    one, other = Phone(link), Phone(link)
    other.gets()
    assert actions.open_for(made)
    with pytest.raises(actions.Elsewhere):
        actions.open_for(made)
    assert one.gets().status_code == 403


def test_the_devices_key_is_out_of_reach_of_script_and_of_other_pages(link):
    phone = Phone(link)
    cookie = phone.opens().cookies["hark_page"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == f"/s/{link}"
    answer = phone.gets()
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    html = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)


@pytest.mark.parametrize(
    "late",
    [
        {"open_until": timedelta(minutes=-1)},
        {"closes_at": timedelta(minutes=-1)},
        {"closed_at": timedelta(minutes=-1)},
    ],
    ids=["not opened in time", "past its days", "closed"],
)
def test_a_link_that_is_over_opens_nothing(link, made, late):
    phone = Phone(link)
    phone.posts("/code")  # it has seen the door
    SecurePage.objects.update(**{name: timezone.now() + by for name, by in late.items()})
    assert phone.gets().status_code == 410
    assert phone.opens().status_code == 410
    assert b"Ternway" not in phone.gets().content


def test_an_open_page_ends_with_its_time(maya, made):
    SecurePage.objects.update(closes_at=timezone.now())
    assert maya.gets().status_code == 410
    assert maya.posts("/say", text="Still here?").status_code == 410


def test_too_many_wrong_answers_close_the_page_and_the_case_says_so(case, tomas):
    phone = Phone(offered(case, tomas, proof="facts", facts={"Postcode": "LS1 4AB"}))
    statuses = [phone.opens(fact0=f"LS1 4A{letter}").status_code for letter in "CDEFGHIJ"]
    assert statuses == [422] * 7 + [410]
    assert phone.opens(fact0="LS1 4AB").status_code == 410
    assert "too many wrong answers" in Pages(tomas).reads(f"cases/{case.pk}/history/")


def test_a_code_is_not_known_to_who_guesses_or_comes_late(case, tomas, sent_mail):
    phone = Phone(offered(case, tomas, proof="email", email="maya@mail.example"))
    phone.posts("/code")
    [(_to, code)] = sent_mail()
    SecurePage.objects.update(code_until=timezone.now())
    assert phone.opens(code=code).status_code == 422
    for _ in range(actions.MOST_CODES + 2):
        phone.posts("/code")
    assert len(sent_mail()) == actions.MOST_CODES
    assert code not in phone.gets().content.decode()


def test_without_the_forms_own_secret_nothing_is_sent(maya):
    assert maya.http.post(f"/s/{maya.link}/say", {"text": "forged"}).status_code == 403


# Files -----------------------------------------------------------------------------------------------


def send(phone: Phone, name: str, content: bytes, claimed: str = "image/png"):
    return phone.posts("/say", text="", upload=SimpleUploadedFile(name, content, claimed))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("photo.png", b"<html><body onload=alert(1)>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("photo.jpg", b"\xff\xd8\xff\xe0<script>alert(1)</script>"),
        ("gif.gif", b"GIF89a/*<svg/onload=alert(1)>*/=alert(1)//;"),
        ("run.exe", b"MZ\x90\x00\x03"),
        ("all.zip", b"PK\x03\x04 and more"),
        ("shell.php", b"<?php system($_GET[0]);"),
        ("a.pdf", b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF"),
        ("js.pdf", PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
        ("hidden.pdf", PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /J#61vaScript >>")),
        ("launch.pdf", PDF.replace(b"/Catalog", b"/Catalog /AA << /S /Launch /F (cmd.exe) >>")),
        ("parcel.pdf", PDF.replace(b"/Catalog", b"/Catalog /Names << /EmbeddedFiles 2 0 R >>")),
        ("locked.pdf", PDF.replace(b"/Root", b"/Encrypt 9 0 R /Root")),
        ("cut.pdf", b"%PDF-1.7\nand no end"),
        ("late.pdf", b"GARBAGE%PDF-1.7\n%%EOF"),
        ("empty.png", b""),
        ("random.bin", bytes(range(256)) * 8),
        ("tiff.tif", picture("TIFF")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_plain_picture_or_document_is_not_taken(maya, case, settings, name, content):
    answer = send(maya, name, content)
    assert answer.status_code in (422, 302)
    if answer.status_code == 422:
        assert "alert(1)" not in answer.content.decode()
    take_in()
    assert not Media.objects.exists()
    assert not list((settings.HARK_MEDIA / "secure").glob("*"))


def test_a_file_too_large_is_refused_in_words_and_the_words_are_kept(maya, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 2000)
    upload = SimpleUploadedFile("big.png", picture(size=(10, 10)) + b"\0" * 3000, "image/png")
    answer = maya.posts("/say", text="My receipt", upload=upload)
    assert answer.status_code == 422
    assert "is larger than" in answer.content.decode()
    assert "My receipt" in answer.content.decode()


def test_a_picture_of_too_many_pixels_is_not_even_decoded(maya, monkeypatch):
    monkeypatch.setattr(files, "MOST_PIXELS", 1000)
    assert send(maya, "bomb.png", picture(size=(50, 50))).status_code == 422


def test_more_files_than_allowed_at_once_are_refused(maya):
    many = [SimpleUploadedFile(f"{n}.png", picture(), "image/png") for n in range(files.MOST_FILES + 1)]
    assert maya.posts("/say", text="", upload=many).status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "../../../keys/secret.png",
        "..\\..\\x.png",
        "/etc/passwd",
        "a\u202egnp.exe",
        "\0.png",
        "...",
        "<b>x</b>.png",
    ],
)
def test_a_name_leads_nowhere(maya, case, settings, tomas, name):
    assert send(maya, name, picture()).status_code == 302
    take_in()
    while copying.copy_due():
        pass
    medium = Media.objects.get()
    assert re.fullmatch(r"messages/\d+/[0-9a-f]{32}\.png", medium.stored)
    assert not set(medium.alt) & set("/\\\0\u202e")
    assert "<b>x" not in maya.gets().content.decode()
    assert all(path.is_relative_to(settings.HARK_MEDIA) for path in settings.HARK_MEDIA.rglob("*"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_what_hangs_behind_a_picture_or_beside_its_pixels_is_gone(maya, case, settings, kind):
    """A picture that is an archive and a page as well comes out as a picture, without the place where it was taken."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        into.writestr("evil.html", "<script>alert(1)</script>")
    assert (
        send(
            maya, f"both.{kind.lower()}", picture(kind) + b"<script>alert(1)</script>" + archive.getvalue()
        ).status_code
        == 302
    )
    take_in()
    while copying.copy_due():
        pass
    medium = Media.objects.get()
    kept = (settings.HARK_MEDIA / medium.stored).read_bytes()
    assert not any(sign in kept for sign in (b"PK\x03\x04", b"<script", b"Strandgaten"))
    answer = maya.gets(f"/files/{medium.pk}")
    assert answer["Content-Type"] == f"image/{kind.lower()}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_document_is_only_offered_to_be_saved(maya, case, tomas):
    assert send(maya, "receipt.pdf", PDF, "text/html").status_code == 302
    take_in()
    while copying.copy_due():
        pass
    medium = Media.objects.get()
    for answer in (maya.gets(f"/files/{medium.pk}"), Pages(tomas).get(f"media/{medium.pk}/")):
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/octet-stream"


def test_html_in_words_and_names_stays_text(maya, case, tomas):
    bad = "<img src=x onerror=alert(1)><script>alert(2)</script>javascript:alert(3)"
    maya.posts("/say", text=bad)
    take_in()
    for html in (maya.gets().content.decode(), Pages(tomas).get(f"cases/{case.pk}/").content.decode()):
        assert "<img src=x" not in html
        assert "<script>alert" not in html


# A scanner -------------------------------------------------------------------------------------------


@pytest.fixture
def clamd(settings, tmp_path):
    """Answers as clamd does: the test string of the antivirus makers is found, everything else is clean."""
    where = tmp_path / "clamd.ctl"
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(where))
    door.listen()

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                told = b""
                while not told.endswith(b"\0\0\0\0") and (more := line.recv(65536)):
                    told += more
                    if told == b"zPING\0":
                        break
                line.sendall(
                    b"PONG\0"
                    if told == b"zPING\0"
                    else b"stream: Eicar FOUND\0"
                    if b"EICAR" in told
                    else b"stream: OK\0"
                )

    threading.Thread(target=serve, daemon=True).start()
    settings.HARK_SCANNER = f"clamd:{where}"
    yield where
    door.close()


def test_a_scanner_is_asked_where_there_is_one(clamd, maya):
    assert scanning.answers()
    assert send(maya, "clean.pdf", PDF).status_code == 302
    refused = send(maya, "bad.pdf", PDF.replace(b"endobj", b"% EICAR\nendobj"))
    assert refused.status_code == 422
    assert "not safe to open" in refused.content.decode()


def test_a_scanner_that_is_away_lets_nothing_through(maya, settings):
    settings.HARK_SCANNER = "clamd:/nowhere/clamd.ctl"
    refused = send(maya, "clean.pdf", PDF)
    assert refused.status_code == 422
    assert "try again later" in refused.content.decode()


# Other cases -----------------------------------------------------------------------------------------


def test_nothing_of_another_case_or_page_is_reachable(maya, case, practice, tomas):
    """Omar's page has a file; Maya asks for it by its number, and for his link with her device's key."""
    practice.says("omar", "Mine is the red one", private=True, thread="dm-omar")
    other = Case.objects.exclude(pk=case.pk).get()
    omar = Phone(offered(other, tomas))
    omar.opens()
    send(omar, "passport.png", picture())
    omar.posts("/say", text="My name is Omar Haddad")
    take_in()
    while copying.copy_due():
        pass
    secret = Media.objects.get()
    assert omar.gets(f"/files/{secret.pk}").status_code == 200
    assert maya.gets(f"/files/{secret.pk}").status_code == 404
    assert maya.gets(f"/pictures/{secret.pk}").status_code == 404
    for path in ("", "/news", "/transcript"):
        assert b"Omar" not in maya.gets(path).content
    key = maya.http.cookies["hark_page"].value
    thief = Phone(omar.link)
    thief.http.cookies["hark_page"] = key
    assert thief.gets().status_code == 403
    take_in()
    assert case.messages.filter(text__contains="Omar").count() == 0


def test_a_page_of_another_brand_is_no_page_for_its_agents(made, ruth, tomas):
    assert Pages(ruth, "nordhav").post(f"secure-pages/{made.pk}/close/").status_code == 404
    assert Pages(ruth, "ternway").post(f"secure-pages/{made.pk}/close/").status_code == 404
    assert not SecurePage.objects.get().closed_at


def test_the_case_of_another_brand_gets_no_page(case, ruth):
    with pytest.raises(Exception, match="does not answer"):
        offer(case, by=ruth, reason="details", text="x", private=True, wanted=Wanted(), seen_version=99)
    assert not SecurePage.objects.exists()
