"""Every network on the same rig: somebody says something there, it comes in, we answer, and all of it can be made to fail.

A rig knows its stand-in and nothing of the tests. `asks` and `posts` name the calls that are made to fail; a rig without
`asks` only hears webhooks. A network that can't be rigged here names its own tests of faults (ELSEWHERE).
"""

from __future__ import annotations

from .metas import Facebook, Instagram, WhatsApp
from .private import Practice, Sms, Telegram
from .public import Bluesky, LinkedIn, Mastodon, Reddit, TikTok, X, YouTube
from .rig import Rig
from .sites import AppStore, GoogleBusiness, GooglePlay

ELSEWHERE = {
    "email": "hark/channels/networks/email/tests/test_mail.py",  # on real mail servers
    "webchat": "hark/visits/tests/test_talking.py",  # nothing leaves this machine
    "secure": "hark/secure/tests/test_page.py",  # nothing leaves this machine
    "phone": "tests/stories/test_notes.py",  # nothing leaves, nothing is asked
    "rss": "tests/networks/test_rss.py",  # nothing leaves
    "archive": "hark/channels/tests/test_importing.py",  # read from files
}

RIGS: dict[str, type[Rig]] = {rig.slug: rig for rig in (
    X, YouTube, Reddit, Mastodon, LinkedIn, TikTok, Bluesky, Telegram, Sms, Practice, Facebook, Instagram, WhatsApp,
    GoogleBusiness, GooglePlay, AppStore,
)}  # fmt: skip
