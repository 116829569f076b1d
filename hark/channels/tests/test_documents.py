"""What the documents say of networks is what the adapters declare, and the example they show is an adapter that works."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest

from hark.channels import contract
from hark.channels.abilities import Connects
from hark.channels.base import Author, Connection, OutgoingReply, Unsure
from hark.channels.registry import all_networks
from hark.ops import capability_table
from tests.networks.kit import Call, Say, StandIn, route

DOCS = Path(__file__).parents[3] / "docs"


def test_the_capability_matrix_is_that_of_the_adapters():
    """Stale? HARK_WRITE_DOCS=1 pytest hark/channels/tests/test_documents.py writes it anew."""
    page = DOCS / "channels.md"
    fresh = capability_table.filled(page.read_text())
    if os.environ.get("HARK_WRITE_DOCS"):
        page.write_text(fresh)
    assert page.read_text() == fresh, "docs/channels.md is stale"
    assert re.search(r"^\| LinkedIn \| comment, mention \|", fresh, re.MULTILINE)


def test_each_network_that_is_connected_is_shown_and_guided():
    """A page that says what is needed and what to do; in the documents it has a section and a small picture."""
    page = (DOCS / "connecting.md").read_text()
    for network in all_networks():
        if isinstance(network, Connects):
            setup = network.connect_form().setup
            assert setup.needs, network.slug
            assert setup.steps, network.slug
            assert f"(screens/connect-{network.slug}.png)" in page, network.slug
            assert (DOCS / f"screens/connect-{network.slug}.png").stat().st_size < 60_000


@pytest.fixture
def guestbook(tmp_path):
    """The example of docs/adding-a-network.md, as files."""
    page = (DOCS / "adding-a-network.md").read_text()
    code, payload = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("python", "json"))
    (tmp_path / "payloads").mkdir()
    (tmp_path / "payloads/entries.ndjson").write_text(payload)
    (tmp_path / "guestbook_adapter.py").write_text(code)
    spec = importlib.util.spec_from_file_location("guestbook_adapter", tmp_path / "guestbook_adapter.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module.Guestbook()
    del sys.modules[spec.name]


def test_the_example_of_the_document_keeps_the_contract(guestbook):
    contract.check_capabilities(guestbook)
    account, read = contract.account(guestbook), []
    for _name, body in contract.bodies(guestbook):
        envelopes = guestbook.split(body)
        contract.check_envelopes(envelopes)
        for envelope in envelopes:
            assert guestbook.split(envelope.raw) == [envelope]
            for message in guestbook.read(envelope.raw, account):
                contract.check_message(message)
                contract.check_identity(message, envelope.raw, account)
                read.append((message.text, message.by_brand, message.thread))
        for changed in (*contract.HOSTILE, *contract.mutations(body, 150, 1)):
            contract.read_calmly(guestbook, changed, account)
            for envelope in contract.split_calmly(guestbook, changed):
                contract.read_calmly(guestbook, envelope.raw, account)
    assert read == [("The lift is broken.", False, "1"), ("We are on it.", True, "1")]
    for reply in contract.odd_replies():
        for verb in (guestbook.send, guestbook.find_sent):
            contract.check_outcome(contract.outcome(verb, account, reply))


class Book(StandIn):
    """The guest book's own server."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, dict[str, str]] = {}

    @route("GET", r"/entries")
    def entries(self, call: Call) -> Say:
        return Say(
            {"entries": [one for key, one in self.written.items() if call.query.get("key", key) == key]}
        )

    @route("POST", r"/entries")
    def write(self, call: Call) -> Say:
        said = call.json
        return Say(self.written.setdefault(said["key"], {"id": str(len(self.written) + 3), **said}))


def test_the_example_writes_once_also_when_the_answer_was_lost(guestbook, monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    with Book() as book:
        settings = {"server": book.url}
        account = Connection(0, "brand", "brand", {"token": "t"}, settings, guestbook.can)
        reply = OutgoingReply("k1", "public", "We are on it.", Author("maya"), thread="1", parent="1")
        book.fails("500 after", on="POST /entries")
        assert isinstance(contract.outcome(guestbook.send, account, reply), Unsure)
        assert guestbook.find_sent(account, reply).external_id == "3"
        assert len(book.written) == 1
