"""Do the draft's links lead to places of the brand, and what do they cost where the network charges?"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from .finding import Context, Finding, Repair
from .text import Text

MILLION = 1_000_000


def check(text: Text, context: Context) -> Finding:
    """none, fine, outside the brand's list, or costs. Without a list any place is fine."""
    if not text.links:
        return Finding("links", "none", source="links")
    for link in text.links:
        host = host_of(link.group())
        if context.voice.link_domains and not any(
            _below(host, domain) for domain in context.voice.link_domains
        ):
            return Finding(
                "links", "outside", "hint", link.span(),
                _("%(host)s is not among your brand's places. Customers are told to trust only those.") % {"host": host},
                "links", Repair(_("Take the link out"), link.span(), ""),
            )  # fmt: skip
    if context.link_cost_micros:
        return Finding(
            "links", "costs", "hint", text.links[0].span(),
            _("With a link it costs $%(cost)s here.") % {"cost": f"{context.link_cost_micros / MILLION:.2f}"}, "links",
        )  # fmt: skip
    return Finding("links", "fine", source="links")


def host_of(link: str) -> str:
    """The host a link leads to, without `www.`, capitals or a trailing dot."""
    try:
        host = urlsplit(link if "//" in link else f"https://{link}").hostname or ""
    except ValueError:
        return link
    return host.rstrip(".,;:!?)").removeprefix("www.")


def _below(host: str, domain: str) -> bool:
    domain = host_of(domain.strip())
    return host == domain or host.endswith(f".{domain}")
