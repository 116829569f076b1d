"""How promises are told."""

from zoneinfo import ZoneInfo

from django import template

from hark.clocks import promises
from hark.clocks.models import Promise

register = template.Library()


@register.filter
def told(promise: Promise) -> str:
    """The due time as the customer was told it, in their zone."""
    return promises.in_words(promise.due_at, ZoneInfo(promise.zone))


@register.filter
def zone_apart(promise: Promise, zone: str) -> bool:
    """Whether that zone has another hour than the one in which the promise was made."""
    there, here = (promise.due_at.astimezone(ZoneInfo(name)) for name in (promise.zone, zone or "UTC"))
    return there.utcoffset() != here.utcoffset()


@register.filter
def words(text: str) -> list[str]:
    return text.split()
