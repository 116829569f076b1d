"""Mail is sent by a job; `mailbox.open()` runs what waits and gives what arrived."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from procrastinate.contrib.django.models import ProcrastinateJob

from hark.brands.jobs import send_mail


class Mailbox:
    def __init__(self) -> None:
        self.done: set[int] = set()

    def open(self) -> list[Any]:
        """What has arrived since the last look."""
        before = len(mail.outbox)
        for job in ProcrastinateJob.objects.filter(task_name=send_mail.name).order_by("pk"):
            if job.pk not in self.done:
                self.done.add(job.pk)
                send_mail.func(**job.args)
        return mail.outbox[before:]

    def link(self) -> str:
        """The path of the link in the one mail that has arrived."""
        [message] = self.open()
        return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]


@pytest.fixture
def mailbox(db: Any) -> Mailbox:
    return Mailbox()


@pytest.fixture(autouse=True)
def _fresh_rate_limits(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    """How slow a hash is is Django's business; here people sign in hundreds of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def as_member(client: Any) -> Callable[[Any], Any]:
    """The client, signed in as a member."""

    def enter(member: Any) -> Any:
        client.force_login(member.user)
        return client

    return enter


PASSWORD = "correct horse battery"
