"""`hark brand`, `hark user`, `hark link`: who works here, from the operator's chair."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hark.ops.errors import OpsError
from hark.ops.terminal import done, out


@click.group("brand")
def brand_command() -> None:
    """Brands of this installation."""


@brand_command.command("add")
@click.argument("name")
@click.option("--handle", default="", help="Short name in addresses (made from NAME when left out).")
@click.option("--owner", metavar="EMAIL", help="The first administrator; made where there is no such user.")
@click.option(
    "--time-zone", default="UTC", show_default=True, help="Where the brand is at home, as Europe/Lisbon."
)
@click.option(
    "--demo", is_flag=True, help="With an account on the practice network, whose customers Hark plays."
)
def add_brand(name: str, handle: str, owner: str | None, time_zone: str, demo: bool) -> None:
    """Add a brand, and print a one-time sign-in link for its owner."""
    with _ready():
        from django.core.exceptions import ValidationError
        from django.db import transaction

        from hark.brands import actions
        from hark.brands.links import sign_in_link
        from hark.brands.models import check_time_zone
        from hark.brands.permissions import Role
        from hark.ops import demo as demos

        try:
            check_time_zone(time_zone)
        except ValidationError as error:
            raise OpsError(error.messages[0]) from error
        with transaction.atomic():
            brand = actions.add_brand(name, slug=handle, time_zone=time_zone)
            member = actions.add_member(brand, owner, [Role.ADMINISTRATOR, Role.MANAGER]) if owner else None
            if demo:
                demos.open_practice_account(brand)
        done(f"Brand {brand.name} added, at /b/{brand.slug}/.")
        if member:
            _print_link(sign_in_link(member.user))
        else:
            out.print(f"Next: hark user add EMAIL --brand {brand.slug} --role administrator", markup=False)


@brand_command.command("list")
def list_brands() -> None:
    """Every brand, with how many members and accounts it has."""
    with _ready():
        from django.db.models import Count

        from hark.brands.models import Brand

        counted = Brand.objects.annotate(
            people_count=Count("members", distinct=True), account_count=Count("accounts", distinct=True)
        )
        for brand in counted.order_by("slug"):
            out.print(
                f"{brand.slug}\t{brand.name}\t{brand.people_count} members\t{brand.account_count} accounts",
                markup=False,
            )


@click.group("user")
def user_command() -> None:
    """People who sign in."""


@user_command.command("add")
@click.argument("email")
@click.option("--brand", "slug", required=True, help="The brand's short name.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="May be given several times; rights add up."
)
@click.option("--name", default="", help="As colleagues read it.")
@click.option("--operator", is_flag=True, help="May also use Django's admin at /admin/.")
def add_user(email: str, slug: str, roles: tuple[str, ...], name: str, operator: bool) -> None:
    """Give somebody a seat in a brand, and print a one-time sign-in link."""
    with _ready():
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from hark.brands import actions
        from hark.brands.links import sign_in_link
        from hark.brands.models import Brand

        try:
            validate_email(email)
        except ValidationError as error:
            raise OpsError(f"{email!r} is not an e-mail address.") from error
        brand = Brand.objects.filter(slug=slug).first()
        if brand is None:
            known = ", ".join(Brand.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise OpsError(f"There is no brand {slug!r}. There is: {known or 'none yet'}.")
        member = actions.add_member(brand, email, roles, name=name)
        if operator:
            member.user.is_staff = member.user.is_superuser = True
            member.user.save(update_fields=["is_staff", "is_superuser"])
        done(f"{member.user} has a seat in {brand.name}: {', '.join(member.roles)}.")
        _print_link(sign_in_link(member.user))


@click.command("link")
@click.argument("email")
def link_command(email: str) -> None:
    """Print a link that signs somebody in once, within fifteen minutes."""
    with _ready():
        from hark.brands.links import sign_in_link
        from hark.brands.models import User

        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise OpsError(
                f"Nobody with the address {email} signs in here. `hark user add` gives somebody a seat."
            )
        _print_link(sign_in_link(user))


def _print_link(path: str) -> None:
    from hark.ops import environment

    out.print(f"Sign in once with  [bold cyan]{environment.read().public_url}{path}[/bold cyan]")


@contextmanager
def _ready() -> Iterator[None]:
    """A database, Django, and refusals of Hark's verbs as sentences."""
    from hark.ops import django_setup

    with django_setup.database():
        from hark.web.problems import NotPossible

        try:
            yield
        except NotPossible as error:
            raise OpsError(str(error)) from error
