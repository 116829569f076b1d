"""Every network on the same rig: somebody says something there, it comes in, we answer, and all of it can be made to fail.

A rig knows its stand-in and nothing of the tests. `asks` and `posts` name the calls that are made to fail; a rig without
`asks` only hears webhooks, one that does not `send` only listens. A network that can't be rigged here names its own
tests of faults (ELSEWHERE).
"""

from __future__ import annotations

from .letters import Email
from .metas import Facebook, Instagram, WhatsApp
from .own import Feed, Phone, SecurePage, Webchat
from .private import Practice, Sms, Telegram
from .public import Bluesky, LinkedIn, Mastodon, Reddit, TikTok, X, YouTube
from .rig import Rig
from .sites import AppStore, GoogleBusiness, GooglePlay

ELSEWHERE = {"archive": "hark/channels/tests/test_importing.py"}  # read from files

RIGS: dict[str, type[Rig]] = {rig.slug: rig for rig in (
    X, YouTube, Reddit, Mastodon, LinkedIn, TikTok, Bluesky, Telegram, Sms, Practice, Facebook, Instagram, WhatsApp,
    GoogleBusiness, GooglePlay, AppStore, Email, Feed, Webchat, SecurePage, Phone,
)}  # fmt: skip
