"""A brand's site with the chat on it, for a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hark.channels.models import Account
from hark.channels.networks.webchat import connect
from tests import serving

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test

SITE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ternway</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Ternway</h1><p>Bergen to Lisbon, every morning.</p><a href="/bags">Bags</a></main>
{snippet}</body></html>"""


@dataclass
class Place:
    hark: str
    site: str
    account: Account


@contextmanager
def chat_on_site(account: Account, html: str = SITE, *, strict: bool = True) -> Iterator[Place]:
    """Hark and the brand's site on ports of their own. `strict`: the site allows our origin and nothing else."""
    with serving.hark() as hark:
        snippet = connect.snippet(account.hook_key, label="Chat with Ternway", colour="#14635d")
        policy = f"default-src 'none'; script-src {hark}; frame-src {hark}" if strict else ""
        with serving.site(html.replace("{snippet}", snippet), policy) as site:
            account.settings["origins"] = [site]
            account.save()
            yield Place(hark, site, account)


def frame_of(page):
    return page.frame_locator("hark-chat iframe")
