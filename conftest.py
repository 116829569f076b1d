"""The cast. Ines leads Ternway's care and runs its accounts, Tomas answers, Vera reads, Pia is asked.

Ruth works for another brand and must see nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from hark.brands.models import Brand, Member, User
from hark.ops.testing import browser_type_launch_args  # noqa: F401  (only a conftest outranks pytest-playwright)
from tests.serving import end_connections

pytest_plugins = ["tests.peers.stores", "tests.peers.networks", "tests.peers.mail", "tests.torture.telling"]


def pytest_configure() -> None:
    """Passwords are hashed the quick way: nobody attacks them. Static files are looked for when they are asked for: each
    client of a test would look for all of them. What a test filled is emptied, and no more."""
    from django.conf import settings

    from tests import emptying

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True
    emptying.install()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of the tests; threads that outlive them are still connected when it is to go."""
    yield
    with django_db_blocker.unblock():
        connection.close()  # a story may have ended it on the other side
        end_connections()


def member(brand: Brand, name: str, *roles: str) -> Member:
    user = User.objects.create_user(
        f"{name.split()[0].lower()}@{brand.slug}.example", "correct horse battery", name=name
    )
    return Member.objects.create(brand=brand, user=user, roles=list(roles))


@pytest.fixture
def ternway(db: Any) -> Brand:
    return Brand.objects.create(name="Ternway", slug="ternway", time_zone="Europe/Lisbon")


@pytest.fixture
def nordhav(db: Any) -> Brand:
    return Brand.objects.create(name="Nordhav", slug="nordhav")


@pytest.fixture
def ines(ternway: Brand) -> Member:
    return member(ternway, "Ines Faria", "lead", "administrator")


@pytest.fixture
def tomas(ternway: Brand) -> Member:
    return member(ternway, "Tomas Oliveira", "agent")


@pytest.fixture
def vera(ternway: Brand) -> Member:
    return member(ternway, "Vera Holm", "viewer")


@pytest.fixture
def pia(ternway: Brand) -> Member:
    return member(ternway, "Pia Sand", "partner")


@pytest.fixture
def ruth(nordhav: Brand) -> Member:
    return member(nordhav, "Ruth Moreau", "lead", "administrator")


@pytest.fixture
def practice(ternway: Brand) -> Any:
    """Ternway's account on the practice network; `practice.says("maya", "…")` delivers a post and takes it in."""
    from hark.channels.models import Account
    from hark.channels.networks.practice import world
    from tests.stories.speaking import Network

    world.open_world("ternway", handle="@ternway", name="Ternway", is_live=False, arrivals=False)
    account = Account(
        brand=ternway, channel="practice", external_id="ternway", handle="@ternway", name="Ternway"
    )
    account.seal({"hook_secret": "practice-secret"})
    account.save()
    return Network(account)
