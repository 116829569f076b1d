"""Whoever does not know the secret is refused, always in the same words; whoever repeats what was said says nothing new."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from hark.cases.models import Case, Message
from hark.channels import actions, edge, signatures
from hark.channels.base import Signature
from hark.channels.models import Account, Delivery
from hark.channels.networks.practice.adapter import Practice
from hark.journeys import arrival
from hark.visits.models import Visit
from hark.visits.tests.conftest import connect as connect_chat
from tests.serving import hark

from .forging import HEADERS, LATE_SECONDS, Forger, Forgery, same_times
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600), pytest.mark.django_db(transaction=True)]

FULL = 20_000
SECRET, OTHERS = "practice-secret-of-ternway", "practice-secret-of-nordhav"
REPLAYS = 0.2  # of all requests
ROTATION_SECONDS = 0.3  # nobody is told a new secret and uses it faster


class Speaks(Practice):
    """The practice network, whose hook is signed the way of another one."""

    def __init__(self, scheme: str) -> None:
        self.can = replace(Practice.can, signature=Signature(scheme, HEADERS[scheme]))


class Door:
    """One kept connection to an account's hook at the running edge."""

    def __init__(self, address: str, hook: str) -> None:
        self.address, self.hook = address, hook
        self.http = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)

    def url(self, query: str) -> str:
        return f"{settings.HARK_PUBLIC_URL}/hooks/{self.hook}" + (f"?{query}" if query else "")

    def knock(self, sent: Forgery, header: str) -> tuple[tuple[Any, ...], float]:
        """The answer without its date, and how long it took."""
        began = time.perf_counter()
        self.http.putrequest("POST", self.url(sent.query).removeprefix(settings.HARK_PUBLIC_URL))
        self.http.putheader("Content-Length", str(len(sent.body)))
        for value in sent.values:
            self.http.putheader(header, value)
        self.http.endheaders(sent.body)
        answer = self.http.getresponse()
        said = answer.read()
        took = time.perf_counter() - began
        heads = tuple(sorted((name, value) for name, value in answer.getheaders() if name.lower() != "date"))
        return (answer.status, heads, said), took


def event(number: int) -> bytes:
    said = {
        "key": f"e{number:06}",
        "id": f"m{number:06}",
        "at": "2026-01-05T10:00:00Z",
        "text": "Hello",
        "thread": "t",
    }
    return json.dumps(said | {"author": {"id": f"a{number % 40}"}, "lang": "en"}).encode()


@pytest.fixture
def ternway_door(practice, monkeypatch):
    """The account with a secret of a length that others share, and nothing remembered of another test."""
    edge.edge.doors.clear()
    practice.account.seal({"hook_secret": SECRET})
    practice.account.save()
    yield practice.account.hook_key
    edge.edge.doors.clear()


def test_forged_requests_are_all_refused_in_the_same_words(ternway_door, monkeypatch, tell):
    assert HEADERS.keys() == signatures.SCHEMES.keys(), "a new scheme: say in forging.py how it signs"
    number = count("FORGED", 600)
    seeds = [FIXED_SEED, random_seed()]
    tried, failed, told = 0, [], set()
    times: dict[str, dict[str, list[float]]] = {}
    with hark() as address:
        for scheme, header in HEADERS.items():
            _speak(monkeypatch, ternway_door, scheme)
            door, taken = Door(address, ternway_door), defaultdict(list)
            forger = Forger(scheme, SECRET, OTHERS, door.url, random.Random(seeds[0]))
            while sum(map(len, taken.values())) < number * (1 - REPLAYS) / len(HEADERS):
                forger.chance.seed(seeds[tried % 2] + tried)
                kinds = list(forger.forgeries(event(tried)))
                forger.chance.shuffle(kinds)
                for sent in kinds:
                    tried += 1
                    answer, took = door.knock(sent, header)
                    told.add(answer)
                    if answer[0] != 401:
                        failed.append(f"{scheme}: {sent.kind} was answered {answer}")
                    taken[sent.kind if sent.alike else ""].append(took)
            taken.pop("")
            times[scheme] = taken
        if Delivery.objects.exists():
            failed.append("something forged was stored")
        if len(told) > 1:
            failed.append(f"answers differ: {told}")
        repeats, more = _replay(address, ternway_door, monkeypatch, int(number * REPLAYS))
    chances = {scheme: same_times(taken) for scheme, taken in times.items()}
    if number >= FULL:  # on a quiet machine; a test in CI asserts no times
        failed += [
            f"{scheme}: times differ (p = {p:.4f})"
            for scheme, p in chances.items()
            if p < 0.01 / len(chances)
        ]
    tell(
        "G5", "forged and replayed", tried + repeats, failed + more, seeds,
        f"p that times are alike: {', '.join(f'{scheme} {p:.2f}' for scheme, p in chances.items())}",
    )  # fmt: skip


def _speak(monkeypatch: Any, hook: str, scheme: str) -> None:
    """From here on this account's network signs in this way."""
    edge.edge.doors.clear()
    monkeypatch.setattr(Account, "network", property(lambda self: Speaks(scheme)))


def _replay(address: str, hook: str, monkeypatch: Any, number: int) -> tuple[int, list[str]]:
    """Genuine deliveries over again, after a second and after 36 hours: acknowledged or refused, they make nothing new."""
    tried, failed = 0, []
    each = max(2, number // len(HEADERS) // 2)
    for at, (scheme, header) in enumerate(HEADERS.items()):
        _speak(monkeypatch, hook, scheme)
        door = Door(address, hook)
        forger = Forger(scheme, SECRET, OTHERS, door.url, random.Random(0))
        genuine = [forger.good(event(500_000 + at * 50_000 + n)) for n in range(each)]
        failed += [
            f"{scheme}: a genuine one was refused" for one in genuine if door.knock(one, header)[0][0] != 200
        ]
        _take_in()
        before = _books()
        assert before[0] == (at + 1) * each
        for seconds in (1, LATE_SECONDS):
            with monkeypatch.context() as later:
                later.setattr(
                    signatures, "time", SimpleNamespace(time=lambda ahead=seconds: time.time() + ahead)
                )
                if seconds > 1:
                    _age(seconds)
                for one in genuine:
                    tried += 1
                    status = door.knock(one, header)[0][0]
                    stale = scheme == "tiktok" and seconds > signatures.TIKTOK_TOLERANCE_SECONDS
                    if status != (401 if stale else 200):
                        failed.append(f"{scheme}: a replay after {seconds} s was answered {status}")
            _take_in()
            if _books() != before:
                failed.append(f"{scheme}: replays after {seconds} s made {before} into {_books()}")
    return tried, failed


def _take_in() -> None:
    """Until nothing waits; the running worker takes its part."""
    while arrival.work() or Delivery.objects.filter(state=Delivery.State.WAITING).exists():
        pass


def _books() -> tuple[int, ...]:
    return Delivery.objects.count(), Message.objects.count(), Case.objects.count()


def _age(seconds: int) -> None:
    """Everything in the tables happened so much earlier."""
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'timestamp with time zone'"
    with connection.cursor() as cursor:
        cursor.execute(f"{columns} AND table_name IN ('channels_delivery', 'cases_message', 'cases_case')")
        for table, column in cursor.fetchall():
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = "{column}" - %s * interval \'1 second\'', [seconds]
            )


def test_good_requests_are_taken_all_through_a_rotation(ternway_door, tell):
    """The sender uses the new secret as soon as it is shown it, or goes on with the old one for a while."""
    number = count("ROTATION", 60)
    seed = random_seed()
    chance, failed = random.Random(seed), []
    with hark() as address:
        door, secrets = Door(address, ternway_door), [SECRET]
        for at in range(number):
            if at == number // 3:
                secrets.append(actions.renew_secrets(Account.objects.get())["hook_secret"])
                time.sleep(ROTATION_SECONDS)
            forger = Forger(
                "hark-sha256",
                chance.choice(secrets) if at < number * 2 // 3 else secrets[-1],
                "",
                door.url,
                chance,
            )
            answer, _ = door.knock(forger.good(event(at)), HEADERS["hark-sha256"])
            if answer[0] != 200:
                failed.append(f"number {at} was answered {answer[0]}")
    tell("G5", "good ones during a rotation", number, failed, [seed])
    assert Delivery.objects.count() == number


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_nobody_is_who_a_site_has_not_signed(ternway, nordhav, tell):
    """A visitor's identity at the chat: the hash of an identifier, or a token."""
    chat, other = connect_chat(ternway), connect_chat(nordhav)
    other.seal({"identity_secret": OTHERS})
    other.save()
    ours, seed = chat.credentials["identity_secret"], random_seed()
    chance, failed, tried = random.Random(seed), [], 0
    told: dict[str, set[Any]] = {"hash": set(), "token": set()}
    for _ in range(max(1, count("FORGED", 600) // 600)):
        cache.clear()  # nobody is turned away for asking too often
        name = f"user-{chance.randrange(10**6)}"
        for kind, claim in _claims(name, ours, OTHERS, chat.hook_key):
            tried += 1
            answer = Client().post(
                "/chat/v1/sessions",
                {"key": chat.hook_key, "identity": claim},
                content_type="application/json",
            )
            told[kind].add((answer.status_code, answer.content, answer["Content-Type"]))
            if answer.status_code != 403:
                failed.append(f"{kind} {claim}: {answer.status_code} {answer.content!r}")
    failed += [f"answers to a forged {kind} differ: {some}" for kind, some in told.items() if len(some) > 1]
    failed += ["somebody came in"] if Visit.objects.exists() else []
    tell("G5", "identities at the chat", tried, failed, [seed])


def _claims(name: str, ours: str, others: str, key: str) -> list[tuple[str, dict[str, str]]]:
    right = signatures.identifier_hash(ours, name)
    hashes = ["0" * 64, right[:-1], right[:32], right.upper(), f"sha256={right}", f"{right} "]
    hashes += [signatures.identifier_hash(secret, name) for secret in (others, "", "wrong")]
    hashes += [signatures.identifier_hash(ours, f"{name}0")]
    claims = {"user_id": name, "exp": time.time() + 600, "aud": key}
    tokens = [jwt.encode(claims, secret, algorithm="HS256") for secret in (others, "wrong", key)]
    good = jwt.encode(claims, ours, algorithm="HS256")
    head, body, mark = good.split(".")
    tokens += [
        f"{head}.{body}.{mark[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{body[:-2]}{'AA' if body[-2:] != 'AA' else 'BB'}.{mark}",
    ]
    return [("hash", {"id": name, "hash": one}) for one in hashes] + [
        ("token", {"id": name, "token": one}) for one in tokens
    ]
