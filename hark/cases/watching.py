"""Who may watch which topic: the gate of `/live` for members, passed at connecting and again while a page stays."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.live import asking, topics

from .models import Case

MOST = 12  # topics one page watches


async def gate(scope: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The topics of `?brand=ternway&topics=queue,case-17` by the names the page gave them; None for nobody."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    slug = query.get("brand", [""])[0]
    names = query.get("topics", [""])[0].split(",")[:MOST]
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    return await asking.ask(_allowed, cookies, slug, names)


def _allowed(cookies: str, slug: str, names: list[str]) -> dict[str, str] | None:
    member = _member(cookies, slug)
    if member is None:
        return None
    return {name: topic for name in names if (topic := _topic(name, member))} or None


def _member(cookies: str, slug: str) -> Member | None:
    """Whose session this is, in that brand: as Django's own middleware decides it, the password's hash included."""
    try:
        jar = SimpleCookie(cookies)
    except CookieError:
        return None
    cookie = jar.get(settings.SESSION_COOKIE_NAME)
    if cookie is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie.value)
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    members = Member.objects.active().filter(user=session.get(SESSION_KEY), brand__slug=slug[:40])
    member = members.select_related("brand", "user").first()
    if member and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), member.user.get_session_auth_hash()
    ):
        return member
    return None


def _topic(name: str, member: Member) -> str | None:
    reads = member.may(Permission.READ_TEAM_CASES) or member.may(Permission.ANSWER_QUESTION)
    if name == "queue" and reads:
        return topics.queue(member.brand_id)
    if name == "accounts" and (reads or member.may(Permission.MANAGE_ACCOUNTS)):
        return topics.accounts(member.brand_id)
    if name == "crisis":
        return topics.crisis(member.brand_id)
    kind, _, number = name.partition("-")
    if kind not in ("case", "here") or not number.isdigit() or len(number) > 18:
        return None
    visible = Case.objects.visible_to(member).filter(pk=int(number)).exists()
    if not visible:
        return None
    return topics.case(int(number)) if kind == "case" else topics.here(int(number))
