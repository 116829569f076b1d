"""Hostile input at every door: never a 5xx, nothing signed is lost, and what can't be read is there to be looked at."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import random
import socket
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from hark.brands import actions
from hark.brands.permissions import Role
from hark.cases.models import Case
from hark.channels import edge
from hark.channels.models import Account, Delivery
from hark.journeys import arrival
from hark.visits import actions as visits
from hark.web.encoding import CHARSET
from tests import looping
from tests.isolation import table
from tests.isolation.probing import kitchen_sink, undone
from tests.isolation.world import settle
from tests.serving import hark
from tests.stories.test_edge import call, signed

from . import hostile
from .measuring import BODIES, SEEDS, Tally, memory_bytes

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]

ROUND = 200  # bodies between two turns of the worker
TOGETHER = 50  # requests at the edge at a time


@pytest.mark.django_db(transaction=True)
def test_hooks(practice, ines, client, say):
    """Two in three are signed. Each of those is stored by its events or whole; arrival never stops at one."""
    edge.edge.doors.clear()
    each = BODIES * 3 // 10
    tally = Tally("hooks", SEEDS, each * len(SEEDS))
    for half, seed in enumerate(SEEDS):
        chance = random.Random(seed)
        for first in range(0, each, ROUND):
            numbers = range(first, min(first + ROUND, each))
            bodies = [hostile.body(chance, number + half * each) for number in numbers]
            is_signed = [chance.random() < 0.67 for _ in bodies]
            kept = looping.run(_post_all(tally, practice.account.hook_key, bodies, is_signed))
            lost = [body for body in kept if not _is_stored(body)]
            tally.failed += [f"acknowledged but not stored: {body[:200]!r}" for body in lost]
            while arrival.work():
                pass
    tally.end_bytes = memory_bytes()
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    tally.failed += [f"stuck: {bytes(one.raw)[:200]!r}" for one in waiting]
    silent = Delivery.objects.filter(state=Delivery.State.UNREADABLE, problem="")
    tally.failed += [f"unreadable without a reason: {bytes(one.raw)[:200]!r}" for one in silent]
    _look_at_what_came(tally, client, ines, chance)
    say(tally)
    assert Delivery.objects.unreadable().count() > each / 10


async def _post_all(tally: Tally, hook: str, bodies: list[bytes], is_signed: list[bool]) -> list[bytes]:
    """The bodies that got a 200."""
    kept: list[bytes] = []
    await edge.start()
    try:
        for first in range(0, len(bodies), TOGETHER):
            some = bodies[first : first + TOGETHER]
            marks = is_signed[first : first + TOGETHER]
            with tally.one(f"bodies {first} to {first + TOGETHER}"):
                tally.tried += len(some) - 1
                requests = [
                    call(hook, body, signed(body) if mark else [])
                    for body, mark in zip(some, marks, strict=True)
                ]
                answers = await asyncio.gather(*requests)
            for (status, _, _), body, mark in zip(answers, some, marks, strict=True):
                tally.answered(status, repr(body[:200]))
                if not mark and status != 401:
                    tally.failed.append(f"unsigned, and answered {status}: {body[:200]!r}")
                if mark and status == 200:
                    kept.append(body)
                elif mark and status != 503:
                    tally.failed.append(f"signed, and answered {status}: {body[:200]!r}")
    finally:
        await edge.stop()
    return kept


def _is_stored(body: bytes) -> bool:
    """Whole, as unreadable, or every one of its events under its own key."""
    if Delivery.objects.filter(event_key=f"unreadable:{hashlib.sha256(body).hexdigest()}").exists():
        return True
    if Delivery.objects.filter(raw=body).exists():
        return True
    told = json.loads(body.decode("utf-8", "replace"))
    events = told["events"] if isinstance(told.get("events"), list) else [told]
    keys = {event["key"].replace("\0", "")[:512] for event in events}
    return Delivery.objects.filter(event_key__in=keys).count() == len(keys)


def _look_at_what_came(tally: Tally, client: Client, member, chance: random.Random) -> None:
    """The pages that show it: the dead letters, the queue, cases and people made of hostile words."""
    client.force_login(member.user)
    client.raise_request_exception = False
    slug = member.brand.slug
    unreadable = list(Delivery.objects.unreadable().values_list("pk", flat=True))
    busy = Case.objects.annotate(said=Count("messages")).order_by("-said").values_list("pk", "person")[:10]
    cases = [*busy, *chance.sample(list(Case.objects.values_list("pk", "person")), 20)]
    pages = [reverse("channels:unreadable", args=[slug]), reverse("cases:queue", args=[slug])]
    pages += [reverse("channels:delivery", args=[slug, pk]) for pk in chance.sample(unreadable, 40)]
    pages += [reverse("cases:case", args=[slug, case]) for case, _ in cases]
    pages += [reverse("customers:person", args=[slug, person]) for _, person in cases]
    for page in pages:
        with tally.one(page):
            answer = client.get(page)
        tally.answered(answer.status_code, f"{page} {answer.exc_info}")
        if answer.status_code != 200:
            tally.failed.append(f"{page} answers {answer.status_code}")


@pytest.mark.django_db
def test_forms(say):
    """Every address of the URL table, asked by somebody with every role and by strangers; what it changed is undone."""
    chance = random.Random(SEEDS[0])
    place = settle("ternway", "ours")
    chat = Account(brand=place.brand, channel="webchat", external_id="chat", handle="chat", name="Chat")
    chat.seal({"identity_secret": "s"})
    chat.save()
    _visit, token = visits.begin(chat, name="Maya", email="maya@x.example", locale="en")
    everybody = actions.add_member(place.brand, "all@ternway.example", [*Role.values], name="Ada Okafor")
    member, stranger = Client(raise_request_exception=False), Client(raise_request_exception=False)
    member.force_login(everybody.user)
    addresses = [one for one in (_address(route, place, chat) for route in table.routes()) if one]
    good = {"login": "all@ternway.example", "password": "p", "key": str(chat.hook_key), "client_id": "c" * 12}
    good |= {"message": "Hello", "token": "t", "handoff": "h", "theme": "dark", "code": "1"}
    values = kitchen_sink(place) | good
    count = BODIES * 3 // 10
    tally = Tally("forms", SEEDS, count)
    for number in range(count):
        if number == count // 2:
            chance.seed(SEEDS[1])
        path, in_brand = addresses[number % len(addresses)]
        body, kind = hostile.form(chance, _some(chance, values))
        client = member if in_brand or chance.random() < 0.4 else stranger
        method = "get" if chance.random() < 0.25 else "post"
        heads = _heads(chance)
        if path.startswith("/chat/v1/"):
            body, kind = (
                hostile.spoilt(chance, {"key": chat.hook_key, "client_id": "c" * 12, "text": "Hi"}),
                "application/json",
            )
            heads["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        with undone(), tally.one(f"{method} {path}"):
            if method == "get":
                kind = CHARSET.sub("", kind)  # as only_utf8 does, before Django's handler
                answer = client.get(f"{path}?{body[:8000].decode('latin-1')}", CONTENT_TYPE=kind, **heads)
            else:
                answer = client.generic("POST", path, body, content_type=kind, **heads)
            if answer.streaming:
                b"".join(answer.streaming_content)
        tally.answered(answer.status_code, f"{method} {path} {kind} {body[:150]!r} {_why(answer)}")
        if number % 40 == 0:
            cache.clear()  # nobody is turned away for asking too often before the form was read
    say(tally)
    assert tally.answers[200] + tally.answers[302] + tally.answers[422] > count / 4


def _address(route: table.Route, place, chat) -> tuple[str, bool] | None:
    """A path that leads to something; None for what belongs to Django's own admin."""
    if route.route.startswith(("admin/", "^", "accounts/oidc", "accounts/3rdparty")):
        return None
    values = {"key": chat.hook_key, "token": "nothing", "ticket": "nothing", "digest": "0", "name": "x"}
    values |= {
        name: place.value(sample) for name in route.arguments if (sample := route.sample_of(name)) is not None
    }
    if missing := [name for name in route.arguments if name not in values]:
        values |= dict.fromkeys(missing, "1")
    path = route.path(place.brand.slug, values)
    return (
        None
        if "\\" in path or "(?" in path or "signout" in path or "logout" in path
        else (path, route.in_brand)
    )


def _some(chance: random.Random, values: dict) -> dict:
    """Mostly a handful of the fields that forms know, so that each is met with and without its companions."""
    if chance.random() < 0.3:
        return values
    return {name: values[name] for name in chance.sample(list(values), chance.randint(1, 12))}


def _heads(chance: random.Random) -> dict[str, str]:
    odd = ["", "x" * 3000, "\xff\xfe", "en;q=NaN, *;q=9", "<script>", "../..", "http://[", "0"]
    heads = {}
    for name in (
        "HTTP_HX_CURRENT_URL",
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_REFERER",
        "HTTP_HX_TARGET",
        "HTTP_AUTHORIZATION",
    ):
        if chance.random() < 0.08:
            heads[name] = chance.choice(odd)
    if chance.random() < 0.4:
        heads["HTTP_HX_REQUEST"] = "true"
    return heads


def _why(answer) -> str:
    return f"{answer.exc_info[0].__name__}: {answer.exc_info[1]}"[:200] if answer.exc_info else ""


@pytest.mark.django_db(transaction=True)
def test_over_http(practice, ines, say):
    """A sample through the real server: what never reaches a form is refused there as well."""
    edge.edge.doors.clear()
    chance = random.Random(SEEDS[1])
    hook, secret = practice.account.hook_key, "practice-secret"
    tally = Tally("over HTTP", SEEDS[1:], 200)
    with hark() as address:
        port = urlsplit(address).port
        for number in range(120):
            body = hostile.body(chance, number)
            with tally.one(f"hook {number}"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                head = {"X-Hark-Signature": signed(body, secret)[0][1].decode()}
                if chance.random() < 0.1:
                    head["Content-Encoding"] = "gzip"
                connection.request("POST", f"/hooks/{hook}", body, head)
                tally.answered(connection.getresponse().status, repr(body[:100]))
                connection.close()
        for raw in _requests(hook):
            with tally.one(repr(raw[:80])):
                tally.answered(_raw(port, raw), repr(raw[:120]))
    say(tally)


def _requests(hook: str) -> list[bytes]:
    """What no library would send."""
    form = b"Host: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    end = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    door = f"POST /hooks/{hook}".encode()
    paths = [
        b"/%00",
        b"/%ff%fe",
        b"/b/%c0%af/queue/",
        b"/" + b"a" * 20_000,
        b"//evil",
        b"/b/ternway/queue/?after=%00&view=%ff",
    ]
    paths += [
        b"/accounts/login/?next=%0d%0aSet-Cookie:%20a=b",
        b"/\xff\xfe",
        b"/hooks/%00",
        b"/hooks/",
        b"/live?brand=%00",
    ]
    paths += [
        b"/chat/%00/contact",
        b"/c/%ff",
        b"/assets/x/%2e%2e/%2e%2e/etc/passwd",
        b"/static/%2e%2e/%2e%2e/etc/passwd",
    ]
    gets = [b"GET " + path + end + b"\r\n" for path in paths]
    posts = [
        b"POST /accounts/login/ HTTP/1.1\r\n" + form + b"Content-Length: 9\r\n\r\nlogin=%00",
        b"POST /accounts/login/ HTTP/1.1\r\n" + form + b"Content-Length: 100\r\n\r\nlogin=a",  # breaks off
        door + end + b"Content-Length: 99999999\r\n\r\n",
        door + end + b"Content-Length: -5\r\n\r\n",
        door + end + b"Content-Length: 10\r\n\r\nabc",
        door + end + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        door + end + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx",
        door + end + b"X-Hark-Signature: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
        b"PATCH /b/ternway/queue/" + end + b"Content-Length: 0\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: text/plain; charset=\0\r\n\r\n",
        b"GET /?a=%ff HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: text/plain; charset=hex\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: hark_session=\xff\0; =;;;\r\n\r\n",
    ]
    return gets + posts


def _raw(port: int, request: bytes) -> int:
    """The status of the answer; 400 for a connection that was closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        try:
            connection.shutdown(socket.SHUT_WR)
            first = connection.recv(64)
        except OSError:
            return 400
    return int(first.split()[1]) if first.startswith(b"HTTP/") else 400
