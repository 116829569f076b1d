"""The sender dies and the network fails while replies go out: each is posted once, or its author sees why not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from hark.brands.models import Brand, Member
from hark.cases.models import Case, Event, Message
from hark.channels import intake
from hark.channels.models import Account
from hark.channels.networks.bluesky import envelopes, records
from hark.journeys import arrival, reply, settling
from hark.ops.testing import ROOT
from hark.replies import outbox
from hark.replies.models import Reply
from tests import serving

from . import pds, sender
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]

KILLS = count("SENDER_KILLS", 10)
FAULTS = count("SENDER_FAULTS", 20)
LEASE_SECONDS = 6  # of a dead sender; longer than three calls
ACCOUNTS, CUSTOMERS = 5, 6  # of each account
TOGETHER = 30  # replies under way
LIFE_SECONDS = (0.1, 0.9)
PATIENCE_SECONDS = 400  # without any progress: who was unsure many times is asked about every five minutes
WORDS = (
    (
        "we look for your bag at the belt in hall two and call our people there once more before noon while you rest at home "
        "with tea; bring nothing, pay nothing, sign nothing; it comes by van this evening or early tomorrow, wrapped, weighed"
    )
    .replace(";", "")
    .replace(",", "")
    .split()
)
UNDER_WAY = [Reply.State.QUEUED, Reply.State.SENDING, Reply.State.UNSURE]


@pytest.mark.django_db(transaction=True)
def test_each_reply_is_posted_once_or_its_author_sees_why_not(ternway, tomas, client, tell):
    """One half of kills and faults under the fixed seed, the other under a new one."""
    Brand.objects.update(undo_seconds=0)
    seeds = [FIXED_SEED, random_seed()]
    network = pds.Pds(sender.CALL_SECONDS + 0.5, random.Random(FIXED_SEED), faults=0)
    with pds.serving(network) as address:
        desk = Desk(tomas, open_cases(ternway, address))
        with Sender() as victim:
            for seed in seeds:
                chance = random.Random(seed)
                network.chance, network.faults = random.Random(seed), FAULTS // 2
                for number in range(KILLS // 2):
                    desk.answers(chance)
                    time.sleep(chance.uniform(*LIFE_SECONDS))
                    if number % 2:
                        wait_for_a_call(network)
                    desk.busy_kills += bool(network.calls)
                    victim.is_killed()
                    paused = Account.objects.filter(paused_until__gt=timezone.now())
                    network.sender_died(set(paused.values_list("external_id", flat=True)))
                left, patience = network.faults, time.monotonic() + PATIENCE_SECONDS
                while network.faults:
                    desk.answers(chance)
                    time.sleep(0.2)
                    if network.faults < left:
                        left, patience = network.faults, time.monotonic() + PATIENCE_SECONDS
                    assert time.monotonic() < patience, f"{network.faults} faults are left: {states()}"
            patience = time.monotonic() + PATIENCE_SECONDS
            while outbox.foremost().filter(state__in=UNDER_WAY).exists():
                time.sleep(0.2)
                assert time.monotonic() < patience, states()
    failed = [*desk.compared(network), *unseen(client, tomas), *network.early]
    tell(
        "G3", f"replies out: {KILLS} kills of the sender, {FAULTS} faults of the network", KILLS + FAULTS, failed, seeds,
        f"{len(desk.queued)} replies: {states()}; {desk.busy_kills} kills in the middle of a call; early {len(network.early)}",
        f"given up after {settling.RETRY_LIMIT} tries: {sum(given_up(row) for row in Reply.objects.all())}",
        f"faults: {dict(network.given)}",
    )  # fmt: skip
    assert desk.busy_kills > KILLS / 4
    assert Reply.objects.filter(state=Reply.State.REFUSED).exists()


def wait_for_a_call(network: pds.Pds) -> None:
    """Until the sender is in the middle of one, three seconds at most: a slow machine starts senders slowly."""
    patience = time.monotonic() + 3
    while not network.calls and time.monotonic() < patience:
        time.sleep(0.002)


def in_other_words(chance: random.Random) -> str:
    """Never nearly the same: the coach holds copies."""
    return " ".join(chance.sample(WORDS, 10)) + "."


@dataclass
class Desk:
    """Tomas, who keeps some replies under way and remembers each that he pressed."""

    member: Member
    cases: list[Case]
    queued: dict[str, Reply] = field(default_factory=dict)
    busy_kills: int = 0

    def answers(self, chance: random.Random) -> None:
        for _ in range(TOGETHER - Reply.objects.filter(state__in=UNDER_WAY).count()):
            text = f"Reply {len(self.queued)}. {in_other_words(chance)}"
            if chance.random() < 0.1:
                text += "".join(f" {in_other_words(chance)}" for _ in range(6))  # two posts, in order
            rows = reply.queue(
                chance.choice(self.cases), by=self.member, private=False, text=text, seen_version=0, confirmed=True
            )  # fmt: skip
            self.queued |= {str(row.key): row for row in rows}

    def compared(self, network: pds.Pds) -> Iterator[str]:
        """Each reply against the network's own ledger."""
        ledger = Counter(network.posts)
        rows = {str(row.key): row for row in Reply.objects.select_related("account", "message")}
        yield from (f"reply {key}: forgotten" for key in self.queued.keys() - rows.keys())
        for key, row in rows.items():
            there = ledger.pop((row.account.external_id, records.record_key(key, row.queued_at)), 0)
            if row.state not in (Reply.State.SENT, Reply.State.REFUSED) and not waits_behind_a_refusal(row):
                yield f"reply {key}: stuck in {row.state}"
            if there != (row.state == Reply.State.SENT) and not (
                there == 1 and row.failure_code == settling.NEVER_CERTAIN
            ):
                yield f"reply {key}: {row.state} after {row.attempts} attempts, and {there} times on the other side"
            if (row.message is not None) != (row.state == Reply.State.SENT):
                yield f"reply {key}: {row.state}, and its message is {row.message}"
        yield from (f"{post}: sent by nobody" for post in ledger)
        if Message.objects.filter(outbound=True).count() != sum(row.state == "sent" for row in rows.values()):
            yield "sent replies and messages of ours differ in number"


def waits_behind_a_refusal(row: Reply) -> bool:
    """A later part, until its author has done something about the refused one: that they see it is looked at as well."""
    earlier = Reply.objects.filter(batch=row.batch, position__lt=row.position, state=Reply.State.REFUSED)
    return row.state == Reply.State.QUEUED and earlier.exists()


def given_up(row: Reply) -> bool:
    """After so many tries a person decides; where it may be out there, that is said. The waits of a day pass in minutes here."""
    return row.failure_code in ("gave_up", settling.NEVER_CERTAIN)


def unseen(client: Client, member: Member) -> Iterator[str]:
    """Failed replies that their author can't see on the case with their text and the network's reason."""
    client.force_login(member.user)
    for row in Reply.objects.exclude(state=Reply.State.SENT):
        page = client.get(reverse("cases:case", args=[member.brand.slug, row.case_id])).content.decode()
        if row.state == Reply.State.QUEUED:
            if row.text not in page:
                yield f"reply {row.key}: waits behind a refusal, and its author does not see it"
            continue
        is_told_why = pds.REASON in row.failure or (given_up(row) and row.failure)
        if row.text not in page or escape(row.failure) not in page or not is_told_why:
            seen = f"words {row.text in page}, reason {escape(row.failure) in page}"
            yield f"reply {row.key}: refused ({row.failure}), and its author does not see it: {seen}"
        if not Event.objects.filter(
            case=row.case_id, kind=Event.Kind.REPLY_REFUSED, detail__reply=row.pk
        ).exists():
            yield f"reply {row.key}: refused, and the history does not tell"


def states() -> str:
    return ", ".join(
        f"{n} {state}" for state, n in Counter(Reply.objects.values_list("state", flat=True)).items()
    )


def open_cases(brand: Brand, address: str) -> list[Case]:
    """Accounts on that server, and customers who have said something to each."""
    for number in range(ACCOUNTS):
        did = f"did:plc:ternway{number}"
        account = Account(brand=brand, channel="bluesky", external_id=did, handle=f"ternway{number}.example")
        account.seal({"pds": address, "password": "p", "access": did, "refresh": did})
        account.save()
        intake.append(
            account, [envelopes.notification(mention(f"maya{number}x{n}")) for n in range(CUSTOMERS)]
        )
    while arrival.work():
        pass
    return list(Case.objects.all())


def mention(who: str) -> bytes:
    did, at = f"did:plc:{who}", "2026-01-05T10:00:00Z"
    said = {"$type": "app.bsky.feed.post", "text": "Where is my bag?", "createdAt": at}
    author = {"did": did, "handle": f"{who}.example", "displayName": who}
    uri = f"at://{did}/app.bsky.feed.post/3l{who}"
    note = {
        "uri": uri,
        "cid": f"bafy{who}",
        "author": author,
        "reason": "mention",
        "record": said,
        "indexedAt": at,
    }
    return json.dumps(note).encode()


class Sender:
    """The worker in a process of its own, on the test's database."""

    def __enter__(self) -> Sender:
        self.lives, ends = os.pipe()
        database = urlsplit(os.environ["HARK_DATABASE_URL"])._replace(
            path=f"/{connection.settings_dict['NAME']}"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.sender", str(ends)],
            env=os.environ
            | {
                "HARK_DATABASE_URL": database.geturl(),
                "HARK_LEASE_SECONDS": str(LEASE_SECONDS),
                "HARK_ALLOW_PRIVATE": "127.0.0.1",
            },
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[ends],
        )
        os.close(ends)
        self.reader = os.fdopen(self.lives)
        self.pid = int(self.reader.readline())
        return self

    def is_killed(self) -> None:
        """kill -9; the next life has begun."""
        os.kill(self.pid, signal.SIGKILL)
        self.pid = int(self.reader.readline())

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)
        self.reader.close()
        serving.end_connections()
