"""python -m bench.desks BRANDS AGENTS: make brands, accounts, agents and sessions; print them as JSON. Run by installation.py."""

from __future__ import annotations

import json
import sys
from typing import Any

from hark.ops import django_setup


def main(brands: int, agents: int) -> None:
    django_setup.load()
    from hark.brands.models import Brand

    first = Brand.objects.count()
    print(json.dumps([desk(f"bench-{number}", agents) for number in range(first, first + brands)]))


def desk(slug: str, agents: int) -> dict[str, Any]:
    from hark.brands.models import Brand, Member, User
    from hark.cases.models import Tag
    from hark.channels.models import Account
    from hark.channels.networks.practice import world

    brand = Brand.objects.create(name=slug.title(), slug=slug)
    world.open_world(slug, handle=slug, name=slug, is_live=False, arrivals=False)
    account = Account(brand=brand, channel="practice", external_id=slug, handle=slug, name=slug)
    account.seal({"hook_secret": f"the secret of {slug}"})
    account.save()
    for name in ("luggage", "refund", "delay", "legal"):
        Tag.objects.create(brand=brand, name=name)
    users = User.objects.bulk_create(
        User(email=f"agent{number}@{slug}.example", name=f"Agent {number}", password="!")
        for number in range(agents)
    )
    members = Member.objects.bulk_create(Member(brand=brand, user=user, roles=["lead"]) for user in users)
    return {
        "brand": brand.pk,
        "slug": slug,
        "account": account.pk,
        "hook_key": account.hook_key,
        "secret": f"the secret of {slug}",
        "member": members[0].pk,
        "cookies": [session(user) for user in users],
    }


def session(user: Any) -> str:
    """A signed-in session, made as Django makes one."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
