"""The one door: hooks and live topics are raw ASGI, everything else is Django's pages in a pool of threads."""

import gc
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from a2wsgi import WSGIMiddleware

from .wsgi import application as pages_wsgi

from hark.cases import watching  # isort: skip  (after Django is set up)
from hark.channels import edge  # isort: skip
from hark.live import stream  # isort: skip
from hark.ops import probing  # isort: skip
from hark.visits import live as visits  # isort: skip

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PAGE_THREADS = 8
pages = WSGIMiddleware(pages_wsgi, workers=PAGE_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch by path. ASGI types are dictionaries: https://asgi.readthedocs.io/en/latest/specs/www.html."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith("/hooks/"):
        await edge.receive(scope, receive, send)
    elif scope["path"] == "/live":
        query = scope["query_string"]
        gate = visits.gate if b"chat=" in query else probing.gate if b"probe=" in query else watching.gate
        await stream.serve(scope, receive, send, gate)
    else:
        await pages(scope, receive, send)


def settle_memory() -> None:
    """What was loaded at the start stays: the collector need not look through it again and again while requests wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            settle_memory()
            await edge.start()
            await stream.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await stream.stop()
            await edge.stop()  # commits what has been accepted
            await send({"type": "lifespan.shutdown.complete"})
            return
