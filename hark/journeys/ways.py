"""The ways from public to private: which there are, which the customer prefers, what each can't do and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from hark.cases.models import Case, Message
from hark.channels import oauth
from hark.channels.abilities import Welcomes
from hark.channels.base import Author, Capabilities, Failure, Reach
from hark.channels.models import Account
from hark.customers.models import Person
from hark.moves.models import Move

Place = Person.Place
MILLION = 1_000_000


@dataclass(frozen=True)
class Preference:
    """Where a customer likes to talk in private. `came_at` None: somebody of the team wrote it down."""

    place: Place
    came_at: datetime | None = None


def preference(person: Person) -> Preference | None:
    """What stands on the person; else where they came when they followed an invitation the last time."""
    if person.prefers:
        return Preference(Place(person.prefers))
    followed = Move.objects.filter(case__person=person, followed_at__isnull=False).order_by("-followed_at")
    last = followed.values_list("mechanism", "followed_at").first()
    return Preference(place_of(last[0]), last[1]) if last else None


def places(case: Case) -> list[Place]:
    """Where this customer can be invited to, the network's own way first. Asks no network; four queries at most."""
    post = last_public(case)
    if post is None:
        return [Place.SECURE]
    found = [Place.NETWORK]
    if _takes_links(post) and chat_of(case):
        found.append(Place.CHAT)
    if mailbox_of(case):
        found.append(Place.EMAIL)
    return [*found, Place.SECURE]


def choose(case: Case, wished: str = "") -> tuple[Place, Reach]:
    """The place that was wished, or that the customer prefers, or the first that can be reached; and how.

    Asks the network when its own way comes into question. A secure page is offered by a form of its own, so it is never
    chosen here without being wished.
    """
    there = places(case)
    if wished in Place.values:
        place = Place(wished)
        if place in there and place != Place.SECURE:
            return place, reach_by(case, place)
        if Place.NETWORK in there:
            return place, Reach(False, reason=_("That way is not open any more: choose another one."))
    liked = preference(case.person)
    if liked and liked.place in there and liked.place != Place.SECURE:
        reach = reach_by(case, liked.place)
        if reach.possible:
            return liked.place, reach
    return _first_possible(case, there)


def reach_of(case: Case) -> Reach:
    """Whether this customer can be invited to private from here, and by which mechanism; the reason when not.

    Asks the network; where it has no private messages for this person, the brand's own chat takes its place by a link, or,
    where an answer may hold no link, the brand's mailbox by its address.
    """
    return _first_possible(case, places(case))[1]


def _first_possible(case: Case, there: list[Place]) -> tuple[Place, Reach]:
    reach = reach_by(case, Place.NETWORK)
    post = last_public(case)
    if reach.possible or post is None:
        return Place.NETWORK, reach
    instead = Place.CHAT if _takes_links(post) else Place.EMAIL
    if instead not in there:
        return Place.NETWORK, reach
    return instead, Reach(True, reach_by(case, instead).mechanism, reason=reach.reason)


def reach_by(case: Case, place: Place) -> Reach:
    """How this customer gets to that place; asks the network for its own way alone."""
    if place == Place.CHAT:
        return Reach(chat_of(case) is not None, "link")
    if place == Place.EMAIL:
        return Reach(mailbox_of(case) is not None, "address")
    post = last_public(case)
    if post is None:
        return Reach(
            False, reason=_("There is no public post to answer: this conversation is private already.")
        )
    account, profile = post.thread.account, post.profile
    if profile is None:
        return Reach(False, reason=_("The author of the post is not known."))
    author = Author(profile.external_id, profile.handle, profile.name)
    try:
        reach: Reach = account.network.reach(oauth.connection(account), author, post.facts)
    except Failure as failure:
        return Reach(False, reason=str(failure))
    return reach


def limits_of(case: Case, place: Place, reach: Reach) -> list[str]:
    """What the way over can't do, in sentences for the agent."""
    post = last_public(case)
    if post is None or not reach.possible:
        return []
    if place == Place.EMAIL:
        return [_("A letter is slower than a chat, and they see the address in public.")]
    if place == Place.CHAT:
        return [_("They leave the network for it. The link is good for a week.")]
    can = post.thread.account.network.can
    told = []
    if reach.mechanism == "private_reply" and can.reply_private_once:
        told.append(_("One private message only, until they answer it."))
    if can.window:
        hours = round(can.window / timedelta(hours=1))
        told.append(
            _("%(network)s lets us write for %(hours)s hours after their last message.")
            % {"network": can.label, "hours": hours}
        )
    if can.private_text:
        told.append(_("At most %(most)s characters a message.") % {"most": can.private_text.value})
    return told


def costs_of(case: Case, place: Place, reach: Reach) -> list[str]:
    """What the way over costs on a network that charges, in sentences; [] where it is free."""
    post = last_public(case)
    if post is None or not reach.possible:
        return []
    account = post.thread.account
    can: Capabilities = account.network.can
    told = []
    if line := _cost_of_line(can, place, reach):
        told.append(_("The public line costs $%(cost)s on %(network)s.") % _priced(line, can))
    if place == Place.NETWORK and can.message_cost_micros:
        told.append(_("Each private message costs $%(cost)s there.") % _priced(can.message_cost_micros, can))
    if place != Place.NETWORK and can.message_cost_micros:
        told.append(_("What is said here afterwards costs nothing."))
    if account.spent_this_month:
        told.append(
            _("This month %(network)s has cost this account $%(cost)s.")
            % _priced(account.spent_this_month, can)
        )
    return told


def _cost_of_line(can: Capabilities, place: Place, reach: Reach) -> int:
    """Millionths: what the network says of its own way; a link of ours, or none."""
    if place == Place.NETWORK and reach.cost_micros:
        return reach.cost_micros
    return can.link_cost_micros if reach.url or reach.mechanism == "link" else can.answer_cost_micros


def _priced(micros: int, can: Capabilities) -> dict[str, object]:
    digits = 2 if micros % 10_000 == 0 or micros >= MILLION else 3
    return {"cost": f"{micros / MILLION:.{digits}f}", "network": can.label}


def place_of(mechanism: str) -> Place:
    """Where a move by this mechanism leads."""
    ours = {"secure": Place.SECURE, "link": Place.CHAT, "address": Place.EMAIL}
    return ours.get(mechanism, Place.NETWORK)


def _takes_links(post: Message) -> bool:
    return "address" not in post.thread.account.network.can.handoff


def last_public(case: Case) -> Message | None:
    return (
        case.messages.filter(outbound=False, private=False, deleted_at=None)
        .select_related("thread__account__brand", "profile")
        .order_by("-published_at", "-id")
        .first()
    )


def mailbox_of(case: Case) -> Account | None:
    """The brand's own mailbox whose address can carry a token: one of the review's location before any other."""
    for account in _of_the_brand(case):
        network = account.network
        if isinstance(network, Welcomes) and network.address(account.connection(), ""):
            return account
    return None


def chat_of(case: Case) -> Account | None:
    """The brand's own chat, where a link can lead: an account whose network takes hand-offs by link."""
    return next((account for account in _of_the_brand(case) if account.network.can.welcomes_links), None)


def _of_the_brand(case: Case) -> list[Account]:
    """Its accounts, those of the case's own location first."""
    accounts = Account.objects.connected().filter(brand=case.brand_id).order_by("id")
    return sorted(accounts, key=lambda account: account.location_id != case.location_id)
