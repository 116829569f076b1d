"""Something is done in another system: within limits, with a second person above them, and never twice."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from hark.actions import calling, declaring, running, sample, schema
from hark.actions.models import Action, Run
from hark.cases.errors import NotPossible
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.ops import demo
from hark.replies.actions import draft_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path, monkeypatch, ternway):
    """The sample system, on a port of its own; `shop.book.paid` is what it has paid."""
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "127.0.0.1")
    action = declaring.refund(ternway, "http://127.0.0.1:1/refund")
    server = sample.server(0, action.secret, tmp_path / "book.ndjson")
    Action.objects.update(url=f"http://127.0.0.1:{server.server_port}/refund")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def case(practice):
    practice.says("maya", "@ternway I paid the taxi and a pushchair myself")
    return only_case()


def refunds(case, by, amount, press=None):
    values = {"amount": Decimal(amount), "reason": "taxi"}
    return running.run(Action.objects.get(), case, by=by, values=values, press=press or uuid.uuid4())


def due_now():
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(state="queued").update(due_at=past)
    Run.objects.exclude(lease_until=None).update(lease_until=past)


def test_from_the_case_to_the_draft(shop, case, tomas):
    pages, action = Pages(tomas), Action.objects.get()
    assert "250.00 EUR of your limit are left" in pages.reads(f"cases/{case.pk}/")
    refused = pages.post(
        f"cases/{case.pk}/actions/{action.pk}/",
        press=uuid.uuid4(),
        **{"v-amount": "a lot", "v-reason": "taxi"},
    )
    assert (refused.status_code, "a lot" in refused.content.decode()) == (422, True)
    wish = {"press": uuid.uuid4(), "v-amount": "64", "v-reason": "taxi and pushchair"}
    for _press in range(2):  # a double click, the back button
        assert pages.post(f"cases/{case.pk}/actions/{action.pk}/", **wish).status_code == 302
    assert [calling.work(), calling.work()] == [1, 0]

    run = Run.objects.get()
    assert (run.state, run.text, run.reference) == ("done", "64.00 refunded, receipt R-30000", "R-30000")
    assert [entry["amount"] for entry in shop.book.paid.values()] == ["64.00"]
    page = pages.reads(f"cases/{case.pk}/")
    assert "64.00 refunded, receipt R-30000" in page
    assert "186.00 EUR of your limit are left" in page
    assert "Tomas Oliveira had something done" in pages.reads(f"cases/{case.pk}/history/")
    pages.post(f"actions/{run.pk}/use/")
    assert draft_of(case, tomas, False) == "64.00 refunded, receipt R-30000"


def test_above_the_limit_a_second_person_decides(shop, case, tomas, ines, vera):
    refunds(case, tomas, 200)
    above = refunds(case, tomas, 51)  # each below the limit, together above it
    assert (above.state, calling.work()) == ("approval", 1)
    with pytest.raises(NotPossible, match="does not decide"):
        running.approve(above, by=tomas)
    with pytest.raises(NotPossible, match="does not run"):
        refunds(case, vera, 1)
    with pytest.raises(NotPossible, match="beyond what anybody"):
        refunds(case, tomas, 900)

    lead = Pages(ines)
    assert "Refund 51.00 EUR" in lead.reads("approvals/")
    for _press in range(2):
        lead.post(f"actions/{above.pk}/yes/")
    assert [calling.work(), calling.work()] == [1, 0]
    assert sorted(entry["amount"] for entry in shop.book.paid.values()) == ["200.00", "51.00"]
    own = refunds(case, ines, 1000 - 251)
    assert own.state == "queued"
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=own.pk).update(decided_by=ines)

    waits = (
        refunds(case, tomas, 0.01)
        if running.deciders(Action.objects.get(), case, Decimal("0.01"), but=tomas)
        else None
    )
    assert waits is None  # the case is at the lead's limit: nobody is left who could say yes


def test_declined_it_counts_for_nothing(shop, case, tomas, ines):
    above = refunds(case, tomas, 300)
    lead = Pages(ines)
    lead.post(f"actions/{above.pk}/no/", comment="")
    above.refresh_from_db()
    assert above.state == "approval"
    lead.post(f"actions/{above.pk}/no/", comment="She was refunded in June")
    assert "She was refunded in June" in Pages(tomas).reads(f"cases/{case.pk}/")
    assert running.spent(above.action, case) == 0
    assert calling.work() == 0


@pytest.mark.django_db(transaction=True)
def test_two_tabs_never_add_up_to_more_than_the_limit(shop, case, tomas):
    start, states = threading.Barrier(4), []

    def tab():
        start.wait()
        try:
            states.append(refunds(case, tomas, 100).state)
        except NotPossible:
            states.append("told")
        connection.close()

    tabs = [threading.Thread(target=tab) for _ in range(4)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert sorted(states) == ["queued", "queued", "told", "told"]  # nobody else here could say yes to more


def test_an_answer_that_was_lost_pays_once(shop, case, tomas, monkeypatch):
    """The money went out, and the connection broke before we heard of it."""
    import httpx

    run = refunds(case, tomas, 64)
    real = calling._post
    with monkeypatch.context() as patched:

        def lost(row):
            real(row)
            raise httpx.ReadTimeout("the answer was lost")

        patched.setattr(calling, "_post", lost)
        calling.work()
    run.refresh_from_db()
    assert (run.state, len(shop.book.paid)) == ("queued", 1)
    due_now()
    calling.work()
    run.refresh_from_db()
    assert (run.state, run.attempts, len(shop.book.paid)) == ("done", 2, 1)


def test_a_worker_that_died_after_paying_pays_nothing_more(shop, case, tomas, monkeypatch):
    class Died(BaseException):
        pass

    def die(*_args):
        raise Died

    run = refunds(case, tomas, 64)
    with monkeypatch.context() as patched:
        patched.setattr(calling, "_settle", die)
        with pytest.raises(Died):
            calling.work()
    assert calling.work() == 0  # the lease still runs
    due_now()
    calling.work()
    run.refresh_from_db()
    assert (run.state, len(shop.book.paid)) == ("done", 1)


def test_a_refusal_is_told_and_an_uncertain_end_is_left_to_a_person(shop, case, tomas, monkeypatch):
    Action.objects.update(limits={"agent": "5000"})
    run = refunds(case, tomas, 1001)
    calling.work()
    run.refresh_from_db()
    assert (run.state, run.text) == ("failed", "This shop refunds at most 1000.")

    Action.objects.update(url="http://127.0.0.1:1/")
    nobody = refunds(case, tomas, 1)
    for _attempt in range(calling.MOST_ATTEMPTS):
        assert calling.work() == 1
        due_now()
    nobody.refresh_from_db()
    assert nobody.state == "unsure"
    assert calling.work() == 0
    assert running.spent(nobody.action, case) == 1  # it may have been paid


def test_the_system_pays_only_who_signs(shop):
    import httpx

    body = json.dumps({"key": "k", "values": {"amount": "5"}}).encode()
    url = f"http://127.0.0.1:{shop.server_port}/refund"
    for secret, at in (("wrong", "2000000000"), ("", "x")):
        signed = calling.sign(secret, "k", 1, body)
        headers = {"webhook-id": "k", "webhook-timestamp": at, "webhook-signature": signed}
        assert httpx.post(url, content=body, headers=headers, trust_env=False).status_code == 401
    assert shop.book.paid == {}


def test_no_call_into_a_private_network(case, ternway, tomas):
    declaring.refund(ternway, "https://10.0.0.1/refund")
    run = refunds(case, tomas, 5)
    calling.work()
    run.refresh_from_db()
    assert run.state == "failed"
    assert "private network" in run.text


BAD = [
    "[]",
    '{"type": "object"}',
    '{"type": "object", "properties": {}}',
    '{"type": "object", "properties": {"a": {"type": "array"}}}',
    '{"type": "object", "properties": {"A B": {"type": "string"}}}',
    '{"type": "object", "properties": {"a": {"type": "string", "enum": [1]}}}',
    '{"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}',
    '{"type": "object", "properties": {"a": {"type": "number", "minimum": "x"}}}',
    '{"type": "object", "properties": {"a": {"$ref": "#/b"}}}',
    "[" * 5000,
]


@pytest.mark.parametrize("text", BAD)
def test_a_schema_that_is_not_understood_is_refused_when_it_is_declared(ternway, ines, text):
    page = Pages(ines).post("settings/actions/", name="Bad", url="https://x.example/", schema=text)
    assert page.status_code == 422
    assert not Action.objects.exists()


def test_an_administrator_declares_and_changes(ternway, ines, tomas):
    assert Pages(tomas).get("settings/actions/").status_code == 403
    pages = Pages(ines)
    wish = {
        "name": "Rebook",
        "url": "http://10.0.0.1/x",
        "schema": json.dumps(declaring.REFUND),
        "amount_field": "amount",
    }
    assert "encrypted connection" in words_of(pages.post("settings/actions/", **wish))
    wish |= {
        "url": "https://rebook.example/",
        "limit_agent": "20",
        "is_active": "on",
        "amount_field": "reason",
    }
    assert "no number of that name" in words_of(pages.post("settings/actions/", **wish))
    made = pages.post("settings/actions/", **wish | {"amount_field": "amount"})
    action = Action.objects.get()
    assert (made.status_code, action.limits, action.brand) == (302, {"agent": "20.00"}, ternway)
    assert action.secret in pages.reads(f"settings/actions/{action.pk}/")
    assert action.secret not in action.sealed
    pages.post(f"settings/actions/{action.pk}/", **wish | {"amount_field": "amount", "is_active": ""})
    assert not Action.objects.active().exists()


def test_a_secret_sealed_with_lost_keys_is_said_and_made_anew(shop, case, tomas, ines):
    Action.objects.update(sealed="sealed elsewhere")
    row, page = refunds(case, tomas, 40), f"settings/actions/{Action.objects.get().pk}/"
    calling.work()
    row.refresh_from_db()
    assert row.state == Run.State.FAILED
    assert "can’t be read here" in row.text
    assert shop.book.paid == {}

    pages = Pages(ines)
    assert "can’t be read" in pages.reads(page)
    wish = {"name": "Refund", "url": "https://shop.example/", "schema": json.dumps(declaring.REFUND)}
    pages.post(page, **wish, amount_field="amount", limit_agent="20", is_active="on")
    assert (made := Action.objects.get().secret)
    assert made in pages.reads(page)


def test_every_kind_of_field(ternway):
    rules = {
        "type": "object",
        "required": ["seat"],
        "properties": {
            "seat": {"type": "string", "enum": ["aisle", "window"], "title": "Seat"},
            "on": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "code": {"type": "string", "pattern": "^[A-Z]{6}$"},
            "bags": {"type": "integer", "minimum": 1, "maximum": 3},
            "hurry": {"type": "boolean"},
        },
    }
    from hark.actions.forms import RunForm

    action = Action(brand=ternway, schema=schema.check(rules))
    given = {"v-seat": "aisle", "v-on": "2026-12-01", "v-code": "ABCDEF", "v-bags": "3", "v-hurry": "on"}
    form = RunForm({"press": str(uuid.uuid4()), **given}, action=action)
    assert form.is_valid(), form.errors
    assert schema.plain(form.values) == {
        "seat": "aisle",
        "on": "2026-12-01",
        "mail": "",
        "code": "ABCDEF",
        "bags": 3,
        "hurry": True,
    }
    bad = RunForm({"press": str(uuid.uuid4()), "v-seat": "roof", "v-code": "x", "v-bags": "9"}, action=action)
    assert set(bad.errors) == {"v-seat", "v-code", "v-bags"}


def test_the_practice_refund_calls_nobody_and_says_that_no_money_moved(case, tomas, ternway, monkeypatch):
    declaring.refund(ternway, declaring.PRACTICE)
    monkeypatch.setattr(calling.outbound, "client", lambda: pytest.fail("the network was used"))
    run = refunds(case, tomas, "64")
    assert calling._practise(run) == calling._practise(Run.objects.get())  # a repeated call, the same receipt
    calling.work()

    run.refresh_from_db()
    assert (run.state, run.reference) == ("done", f"R-{run.key.hex[:6].upper()}")
    assert "64.00 EUR given back" in run.text
    assert "no money moved" in run.text


def test_the_demo_has_it_from_the_start(db):
    demo.add_brand()
    assert Action.objects.get().url == declaring.PRACTICE
