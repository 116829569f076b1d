"""Gates ask the database in a few threads of their own, whose connections stay.

Every open page is asked for again and again, and all of them at once after a restart: a connection for each question cost
more than the question, and the threads of pages would be kept from pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

THREADS = 2
threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gate")  # they start with the first question
T = TypeVar("T")


async def ask(question: Callable[..., T], *given: str | list[str]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, _answer, question, given)


def _answer(question: Callable[..., T], given: tuple[str | list[str], ...]) -> T:
    close_old_connections()  # one that broke is replaced
    return question(*given)
