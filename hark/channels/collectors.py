"""Collectors: one supervised task for each account whose network is polled or streamed.

What a task brings is stored together with its cursor in one commit, and only then is the next asked for: after a crash
it begins where the last commit ended, and what comes twice is a no-op.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, ParamSpec, TypeVar

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction
from django.utils import timezone

from hark.live import bus, topics

from . import intake, ledger, oauth
from .abilities import Collects, Polls
from .base import Batch, Connection, NeedsReconnect, Refused, TryLater
from .models import Account

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

LOOK_SECONDS = 3.0  # how soon a newly connected account is collected
LONGEST_WAIT = 300.0
POLLING_THREADS = 16  # a server that hangs holds one of them for the length of a timeout


def main() -> None:
    """Run until told to stop."""
    asyncio.run(run())


async def run() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(number, stopping.set)
    tasks: dict[tuple[int, str], asyncio.Task[None]] = {}
    while not stopping.is_set():
        try:
            wanted = await in_thread(_collected)
        except Exception as problem:
            log.warning("collectors.database_away", problem=str(problem).split("\n")[0])
        else:
            for key in set(tasks) - set(wanted):
                tasks.pop(key).cancel()
            for key in wanted:
                if key not in tasks or tasks[key].done():
                    tasks[key] = asyncio.create_task(collect(key[0]), name=f"account {key[0]}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_SECONDS)
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def collect(account_id: int) -> None:
    """Follow one account for ever. Trouble is shown on its health and tried again, longer each time."""
    trouble = 0
    while True:
        try:
            rested = 0.0
            connection, cursor, network = await in_thread(_open, account_id)
            async for batch in _batches(network, connection, cursor):
                await in_thread(store, account_id, batch)
                trouble = 0
                rested += batch.wait_seconds
                if batch.wait_seconds:
                    await asyncio.sleep(batch.wait_seconds)
        except asyncio.CancelledError:
            raise
        except NeedsReconnect as failure:
            await in_thread(note_trouble, account_id, str(failure), reconnect=True)
            return
        except TryLater as failure:
            await in_thread(note_trouble, account_id, str(failure))
            await asyncio.sleep(min(failure.seconds, LONGEST_WAIT))
        except Exception as failure:
            trouble += 1
            if not isinstance(failure, Refused):
                log.warning(
                    "collectors.trouble", account=account_id, problem=f"{type(failure).__name__}: {failure}"
                )
            with contextlib.suppress(Exception):
                await in_thread(note_trouble, account_id, str(failure) or type(failure).__name__)
            await asyncio.sleep(min(2.0**trouble, LONGEST_WAIT) * random.uniform(0.8, 1.2))
        else:
            if not rested:
                await asyncio.sleep(LOOK_SECONDS)


async def _batches(
    network: Collects | Polls, connection: Connection, cursor: Mapping[str, Any]
) -> AsyncIterator[Batch]:
    """What a stream brings, for ever, or what one round of polling brought."""
    if isinstance(network, Polls):
        loop = asyncio.get_running_loop()
        round_ = await loop.run_in_executor(_polling(), lambda: iter(network.poll(connection, cursor)))
        while (found := await loop.run_in_executor(_polling(), next, round_, None)) is not None:
            yield found
        return
    async for batch in network.collect(connection, cursor):
        yield batch


@cache
def _polling() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(POLLING_THREADS, thread_name_prefix="poll")


os.register_at_fork(after_in_child=_polling.cache_clear)


def store(account_id: int, batch: Batch) -> int:
    """One batch and its cursor, in one commit; how many events were new."""
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
        reread = bool(batch.gap or account.gap)  # the batch that ends a gap still belongs to it
        new = intake.append(account, batch.envelopes, recovered=reread)
        if reread:
            ledger.note_gap(account, new, ended=not batch.gap)
        before = (account.health, account.gap)
        account.last_seen_at = timezone.now()
        account.health = Account.Health.CATCHING_UP if batch.gap else Account.Health.GOOD
        account.gap = batch.gap[:200]
        account.last_error = ""
        if new:
            account.last_message_at = account.last_seen_at
        if batch.cursor is not None:
            account.cursor = dict(batch.cursor)
        if batch.credentials is not None:
            account.seal(batch.credentials)
        if batch.cost_micros:
            account.spend(batch.cost_micros)
        account.save(
            update_fields=[
                "last_seen_at", "health", "gap", "last_error", "last_message_at", "cursor", "encrypted",
                "spent_month", "spent_micros",
            ]
        )  # fmt: skip
        if before != (account.health, account.gap):
            bus.publish(topics.accounts(account.brand_id))
    return new


def note_trouble(account_id: int, text: str, *, reconnect: bool = False) -> None:
    """Show on the account what went wrong."""
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
        account.health = Account.Health.RECONNECT if reconnect else Account.Health.TROUBLE
        account.last_error, account.last_error_at = text[:2000].replace("\0", ""), timezone.now()
        account.save(update_fields=["health", "last_error", "last_error_at"])
        bus.publish(topics.accounts(account.brand_id))


def _collected() -> list[tuple[int, str]]:
    """Accounts to follow. A reconnected one has another seal, and so is followed anew."""
    accounts = Account.objects.connected().of_people().exclude(health=Account.Health.RECONNECT)
    return [
        (account.pk, account.connected_at.isoformat())
        for account in accounts
        if isinstance(account.network, Collects | Polls)
    ]


def _open(account_id: int) -> tuple[Connection, dict[str, object], Collects | Polls]:
    account = Account.objects.get(pk=account_id)
    network = account.network
    if not isinstance(network, Collects | Polls):
        raise Refused("never", "this network is not collected")
    return oauth.connection(account), dict(account.cursor), network


async def in_thread(verb: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """A verb that uses the database, off the event loop."""

    def call() -> R:
        close_old_connections()
        return verb(*arguments, **named)

    return await sync_to_async(call, thread_sensitive=True)()
