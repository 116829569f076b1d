"""The demo brand of an empty installation: Ternway, an invented airline, with its team, its answers and practice customers."""

from typing import TYPE_CHECKING

from hark.ops import terminal

if TYPE_CHECKING:
    from hark.brands.models import Brand

BRAND, SLUG = "Ternway", "ternway"
TEAM = (
    ("ines@ternway.example", "Ines Carvalho", ("lead", "manager", "administrator")),
    ("tomas@ternway.example", "Tomáš Dvořák", ("agent",)),
)


def prepare(*, create: bool) -> str | None:
    """On an empty database, make the demo brand; the path of a one-time sign-in link while there is one, else None."""
    from hark.brands.models import Brand, User

    if create and not Brand.objects.exists():
        add_brand()
        terminal.done(f"Demo brand {BRAND} created; its practice customers arrive by themselves.")
    ines = User.objects.filter(email=TEAM[0][0], is_active=True, memberships__brand__slug=SLUG).first()
    if ines is None:
        return None
    from hark.brands.links import sign_in_link

    return sign_in_link(ines)


def add_brand(name: str = BRAND, slug: str = SLUG) -> None:
    """The brand, its team, a refund that moves no money, and an account whose customers Hark plays itself, in one commit."""
    from django.db import transaction

    from hark.actions import declaring
    from hark.brands import actions
    from hark.ops import demo_answers

    with transaction.atomic():
        brand = actions.add_brand(name, slug=slug)
        team = [actions.add_member(brand, email, roles, name=person) for email, person, roles in TEAM]
        demo_answers.write(brand, by=team[0])
        declaring.refund(brand, declaring.PRACTICE)
        open_practice_account(brand)


def open_practice_account(brand: "Brand") -> None:
    """An account on the practice network, so that customers arrive without anybody's password."""
    from hark.channels.networks.practice import connect

    connect.start(brand)
