"""The adapter: a line in, a message out; files only by the names that Hark gave them."""

import uuid
from datetime import UTC, datetime

import pytest

from hark.channels.base import Connection, OutgoingReply, Refused, Unreadable
from hark.channels.networks.secure import lines
from hark.channels.networks.secure.adapter import Secure

AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
ACCOUNT = Connection(1, "secure", "", {}, {}, Secure.can)


def line(**told):
    return lines.Line(**{"page": "page:1", "key": "k", "at": AT, "text": "Hello", **told}).envelope()


def test_a_line_is_read_back_as_it_was_said():
    [message] = Secure().read(line(handoff="token", name="Maya").raw, ACCOUNT)
    assert (message.external_id, message.thread, message.text) == ("page:1/k", "page:1", "Hello")
    assert (message.visibility, message.handoff_token, message.author.name) == ("private", "token", "Maya")


def test_a_file_comes_by_the_name_that_we_gave_it(settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    stored = f"{uuid.uuid4().hex}.pdf"
    (tmp_path / "secure").mkdir()
    (tmp_path / "secure" / stored).write_bytes(b"%PDF-1.7")
    raw = line(files=(lines.File(stored, "../../receipt.pdf"),)).raw
    [message] = Secure().read(raw, ACCOUNT)
    assert (message.media[0].kind, message.media[0].alt) == ("file", "../../receipt.pdf")
    assert Secure().part(raw, stored) == ("application/pdf", b"%PDF-1.7")
    assert Secure().part(raw, f"{uuid.uuid4().hex}.pdf") is None


@pytest.mark.parametrize("stored", ["../../keys/secret", "a.html", "", "0" * 32 + ".svg", "/etc/passwd"])
def test_a_line_with_any_other_file_can_not_be_read(stored):
    raw = line(files=(lines.File(stored, "x"),)).raw
    with pytest.raises(Unreadable):
        Secure().read(raw, ACCOUNT)
    with pytest.raises(Unreadable):
        Secure().part(raw, stored)


def test_nothing_of_a_page_goes_public():
    with pytest.raises(Refused):
        Secure().send(ACCOUNT, OutgoingReply("k", "public", "Hello", None, thread="page:1"))
