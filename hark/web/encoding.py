"""Pages speak UTF-8. A request that claims another encoding is refused before Django tries to read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

CHARSET = re.compile(r";?\s*charset\s*=\s*[\"']?([^;\"'\s]*)[\"']?", re.IGNORECASE)
UTF8 = {"utf-8", "utf8", "us-ascii", "ascii"}
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def only_utf8(application: Application) -> Application:
    """The same WSGI application, but 415 for any other charset in a Content-Type.

    Django takes every codec that Python knows, "hex" among them, and reads the address as soon as one is named: where that
    can't be read, or has too many fields, it fails before any middleware runs. So it hears of none.
    """

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kind = environ.get("CONTENT_TYPE") or ""
        named = CHARSET.search(kind)
        if named is None or named[1].lower() in UTF8:
            return application({**environ, "CONTENT_TYPE": CHARSET.sub("", kind)}, start_response)
        body = b"Only UTF-8 is spoken here."
        head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("415 Unsupported Media Type", head)
        return [body]

    return guarded
