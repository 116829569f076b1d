"""Topics reach those who may watch them, and say nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest
from django.test import Client

from hark.cases.models import Case
from hark.cases.watching import gate
from hark.live import bus, stream, topics
from tests import looping

pytestmark = pytest.mark.django_db(transaction=True)


def scope(member, query):
    headers = []
    if member:
        client = Client()
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies["hark_session"].value
        headers = [(b"cookie", f"hark_session={cookie}".encode())]
    return {
        "type": "http",
        "method": "GET",
        "path": "/live",
        "query_string": query.encode(),
        "headers": headers,
    }


def watch(member, query, *, when_open=None, before=None):
    """What a page hears: its events until half a second of silence. `before` happens after NOW and before it connects."""

    async def page():
        heard = []
        opened = asyncio.Event()
        leave = asyncio.Event()

        async def receive():
            await leave.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            heard.append(message)
            opened.set()

        await stream.start()
        if before:
            await asyncio.sleep(0.3)  # it follows the bus by now
            scope_["query_string"] = query.replace("NOW", f"{time.time():.3f}").encode()
            await asyncio.to_thread(before)
            await asyncio.sleep(0.5)
        task = asyncio.create_task(stream.serve(scope_, receive, send, gate))
        await opened.wait()
        await asyncio.sleep(0.3)
        if when_open:
            await asyncio.to_thread(when_open)
            await asyncio.sleep(0.5)
        leave.set()
        await task
        await stream.stop()
        return heard[0]["status"], b"".join(message.get("body", b"") for message in heard[1:])

    scope_ = scope(member, query)
    return looping.run(page())


def test_a_member_hears_that_the_queue_changed_and_not_what(practice, tomas):
    status, heard = watch(
        tomas, "brand=ternway&topics=queue", when_open=lambda: practice.says("maya", "my secret")
    )
    assert status == 200
    assert b"event: hello" in heard
    assert b"event: queue\ndata: 1\n" in heard
    assert b"secret" not in heard


def test_a_page_made_a_moment_ago_hears_of_what_changed_since_and_no_more(practice, tomas):
    query = "brand=ternway&topics=queue,accounts&since=NOW"
    _, heard = watch(tomas, query, before=lambda: practice.says("maya", "Hello"))
    assert b"event: queue" in heard
    assert b"event: accounts" not in heard
    assert b"event: hello" not in heard


def test_what_changed_is_remembered_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(stream, "MOST_REMEMBERED", 2)
    hub, page = stream.Hub(), stream.Reader({"case-1": "case-1"}, send=None)
    hub.hears_from = begun = time.time() - 60
    hub.tell("case-1")
    assert hub.missed(page, begun + 1) == ["case-1"]
    for other in ("case-2", "case-3"):
        hub.tell(other)
    assert hub.missed(page, begun + 1) is None  # older than what is remembered
    assert hub.missed(page, time.time()) == []


@pytest.mark.parametrize("since", ["0", "soon", "nan", "inf", "99999999999", "1767600000"])
def test_a_page_of_unknown_age_looks_at_everything(practice, tomas, since):
    _, heard = watch(tomas, f"brand=ternway&topics=queue&since={since}")
    assert b"event: hello" in heard


def test_a_case_topic_is_heard_by_who_may_read_the_case(practice, tomas):
    practice.says("maya", "Hello")
    case = Case.objects.get()
    _, heard = watch(
        tomas, f"brand=ternway&topics=case-{case.pk}", when_open=lambda: bus.publish(topics.case(case.pk))
    )
    assert f"event: case-{case.pk}\n".encode() in heard


@pytest.mark.parametrize(
    "wanted", ["queue", "accounts", "case-{case}", "case-0", "", "chat-1", "case-99999999999999999999"]
)
def test_a_stranger_hears_nothing(practice, ruth, wanted):
    practice.says("maya", "Hello")
    query = "brand=ternway&topics=" + wanted.format(case=Case.objects.get().pk)
    assert watch(ruth, query)[0] == 404
    assert watch(None, query)[0] == 404


def test_a_member_hears_nothing_of_another_brands_case(practice, ruth):
    practice.says("maya", "Hello")
    assert watch(ruth, f"brand=nordhav&topics=case-{Case.objects.get().pk}")[0] == 404


def test_a_partner_hears_only_of_cases_they_were_asked_about(practice, pia, tomas):
    from hark.cases.actions import write_note

    practice.says("maya", "Hello")
    case = Case.objects.get()
    query = f"brand=ternway&topics=case-{case.pk}"
    assert watch(pia, query)[0] == 404
    write_note(case, "@pia can you help?", by=tomas)
    assert watch(pia, query)[0] == 200


def test_many_topics_fit_into_few_notices():
    packed = bus.payloads(tuple(f"case-{n}" for n in range(3000)) * 2)
    assert len(packed) < 8
    assert all(len(one) < 8000 for one in packed)
    assert sum(len(one.split()) for one in packed) == 3000
