"""Every network that Hark speaks. A new one is a folder in `networks/` and one line here."""

from functools import cache
from importlib import import_module
from typing import cast

from .base import Network

NETWORKS = {
    "app_store": "hark.channels.networks.app_store.adapter:AppStore",
    "bluesky": "hark.channels.networks.bluesky.adapter:Bluesky",
    "email": "hark.channels.networks.email.adapter:Email",
    "facebook": "hark.channels.networks.facebook.adapter:Facebook",
    "google_business": "hark.channels.networks.google_business.adapter:GoogleBusiness",
    "google_play": "hark.channels.networks.google_play.adapter:GooglePlay",
    "instagram": "hark.channels.networks.instagram.adapter:Instagram",
    "linkedin": "hark.channels.networks.linkedin.adapter:LinkedIn",
    "mastodon": "hark.channels.networks.mastodon.adapter:Mastodon",
    "phone": "hark.channels.networks.phone.adapter:Phone",
    "reddit": "hark.channels.networks.reddit.adapter:Reddit",
    "rss": "hark.channels.networks.rss.adapter:Rss",
    "sms": "hark.channels.networks.sms.adapter:Sms",
    "telegram": "hark.channels.networks.telegram.adapter:Telegram",
    "tiktok": "hark.channels.networks.tiktok.adapter:TikTok",
    "whatsapp": "hark.channels.networks.whatsapp.adapter:WhatsApp",
    "x": "hark.channels.networks.x.adapter:X",
    "youtube": "hark.channels.networks.youtube.adapter:YouTube",
    "secure": "hark.channels.networks.secure.adapter:Secure",
    "webchat": "hark.channels.networks.webchat.adapter:Webchat",
    "practice": "hark.channels.networks.practice.adapter:Practice",
    "archive": "hark.channels.networks.archive.adapter:Archive",
}


@cache
def network_of(slug: str) -> Network:
    """The adapter of a channel, loaded when it is first used. Raises LookupError for a channel that Hark does not speak."""
    try:
        module, name = NETWORKS[slug].split(":")
    except KeyError:
        raise LookupError(f"Hark does not speak “{slug}”. It speaks: {', '.join(NETWORKS)}.") from None
    return cast(Network, getattr(import_module(module), name)())


def all_networks() -> list[Network]:
    return [network_of(slug) for slug in NETWORKS]
