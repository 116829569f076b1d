"""Markup in every text column of every table, shown by every page in a real browser: nothing runs, nothing is made of it."""

from __future__ import annotations

import os
import random
import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import IntegrityError, models, transaction
from django.db.utils import DatabaseError
from django.test import Client
from playwright.sync_api import Error

from hark.brands.models import Brand
from hark.cases.models import Event, Media, Message, Note, Tag
from hark.channels.models import Account, Delivery
from hark.journeys import arrival
from hark.visits import actions as visits
from tests.isolation import table
from tests.isolation.world import people_of, settle
from tests.serving import hark
from tests.stories.speaking import Network

from . import markup
from .telling import FIXED_SEED, count, random_seed

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test
pytestmark = [
    pytest.mark.torture,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(4 * 3600),
]
TOGETHER = 25  # payloads at a time: each has a customer, a message, a tag, a note
# Columns that no words of people reach: made by us, chosen from a list, or checked for their form.
OURS = re.compile(
    r"(slug|channel|external_id|hook_key|token_hash|stored|content_type|time_zone|email|password|kind|state|lang|snippet_lang|"
    r"version|health|event_key|thread_name|before|locale|theme|handoff|mechanism|reason_code|author_id|failure_code|roles|"
    r"parent_external_id|quote_external_id|purpose|reopening|code|type|key|.*_id|username|zone|sealed)$"
)
TRAP = """
window.caught = []
window.kanari = (number) => window.caught.push(`script ${number} ran`)
window.alert = () => window.caught.push("an alert")
document.addEventListener("securitypolicyviolation", (event) =>
  window.caught.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""
LOOK = """() => {
  const found = [...window.caught]
  for (const one of document.querySelectorAll("*")) {
    const words = one.outerHTML.slice(0, 160)
    if (one.hasAttribute("data-kanari") || one.localName === "kanari") found.push(`markup: ${words}`)
    for (const name of one.getAttributeNames()) if (name.startsWith("on")) found.push(`handler: ${words}`)
    if (one.localName === "a" && one.href && !/^(https?|mailto|tel):/.test(one.href)) found.push(`link: ${words}`)
  }
  return found
}"""


def payloads(seed: int, first: int) -> list[str]:
    chance = random.Random(seed * 7919 + first)
    return [markup.payload(chance, first + number) for number in range(TOGETHER)]


def watched(browser: Any) -> tuple[Any, list[str]]:
    """A page in which nothing goes unseen: scripts, breaches of the policy, requests to elsewhere."""
    context = browser.new_context()
    context.add_init_script(TRAP)
    page, seen = context.new_page(), []
    page.on("console", lambda line: seen.append(line.text) if "Content Security" in line.text else None)
    page.on(
        "request",
        lambda request: (
            seen.append(f"asked {request.url}") if markup.HOST in urlsplit(request.url).netloc else None
        ),
    )
    page.on("dialog", lambda dialog: (seen.append("a dialog"), dialog.dismiss()))
    return page, seen


def look(page: Any, seen: list[str]) -> list[str]:
    """What became of the words on this page. Being led away is found out as well."""
    try:
        found = [*page.evaluate(LOOK), *seen]
    except Error as problem:
        found = [*seen, f"led away: {problem.message[:100]}"]
    seen.clear()
    return found


def test_markup_stays_words_on_every_page(browser, transactional_db, tell):
    cache.clear()
    seeds, number = [FIXED_SEED, random_seed()], count("MARKUP", 15)
    place = settle("ternway", "ours")
    everybody = people_of(place.brand)["every role"]
    chat = _chat(place.brand)
    client = Client()
    client.force_login(everybody.user)
    paths = [path for path in _paths(place) if _is_page(client, path)]
    tried, failed, shown = 0, [], set()
    with hark() as address:
        page, seen = watched(browser)
        page.context.add_cookies(
            [{"name": "hark_session", "value": client.cookies["hark_session"].value, "url": address}]
        )
        for first in range(0, number, TOGETHER):
            some = payloads(seeds[first // TOGETHER % 2], first)
            token = _fill(place, chat, everybody, some)
            asked = ["search/?q={}", "queue/?account={}&tag={}", "people/?q={}", "nowhere/{}"]
            chance = random.Random(first)
            more = [f"/b/ternway/{one.replace('{}', _quoted(chance.choice(some)))}" for one in asked]
            public = [
                f"/chat/{chat.hook_key}/#visit={token}",
                f"/chat/{chat.hook_key}/contact?c={_quoted(some[0])}",
                "/profile",
            ]
            for path in [*paths, *more, *public]:
                answer = page.goto(address + path)
                if answer and answer.status >= 500:
                    failed.append(f"{path}: status {answer.status}, nothing to look at")
                if "#visit" in path:
                    page.locator(".bubble").nth(TOGETHER // 2).wait_for()
                found = look(page, seen)
                tried += len(some)
                failed += [f"{path}: {one}" for one in dict.fromkeys(found)]
                text = page.content()
                shown |= {
                    one
                    for one in range(first, first + TOGETHER)
                    if f"kanari({one})" in text or f"test/{one}" in text
                }
        page.context.close()
    tell(
        "G7",
        "payloads in every column × every page",
        tried,
        failed,
        seeds,
        f"{len(paths) + 7} pages; {len(shown)} of {number} payloads seen",
    )
    assert len(shown) > number / 2, "the pages do not show what was filled in"


def test_the_trap_is_sprung_by_a_page_that_escapes_nothing(browser):
    """Else the test above would pass on anything."""
    words = payloads(FIXED_SEED, 0)
    caught = 0
    page, seen = watched(browser)
    for one in words:
        page.goto("about:blank")
        page.set_content(f"<title>x</title><div><p>{one}</p></div>", wait_until="commit")
        caught += bool(look(page, seen))
    page.context.close()
    assert caught > len(words) / 2


def _paths(place: Any) -> list[str]:
    found = []
    for route in table.in_brands():
        values = {name: place.value(route.sample_of(name)) for name in route.arguments}
        found.append(route.path("ternway", values))
    case = place.rows["case"].pk
    found += [f"/b/ternway/cases/{case}/?to={to}" for to in ("public", "private")]
    return found + [f"/b/ternway/queue/?view={view}" for view in ("closed", "mine", "all")]


def _is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    return (
        answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not answer.streaming
    )


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _chat(brand: Brand) -> Account:
    chat = Account(
        brand=brand,
        channel="webchat",
        external_id="chat",
        handle="chat",
        name="Chat",
        settings={"origins": []},
    )
    chat.seal({"identity_secret": "s"})
    chat.save()
    return chat


def _fill(place: Any, chat: Account, member: Any, some: list[str]) -> str:
    """Every payload as a customer, a message, a picture, a tag, a note, an event; and any of them in any other column.

    Gives the token of a visitor of the chat whom an agent has answered.
    """
    case, brand = place.rows["case"], place.brand
    network = Network(place.rows["account"])
    network.numbers = iter(range(random.randrange(10**9), 2 * 10**9))
    for number, words in enumerate(some):
        picture = {
            "pictures": [{"url": f"https://x.test/{_quoted(words)}", "alt": words}],
            "url": f"https://x.test/{words}",
        }
        who = {"author": {"id": f"{words}"[:200], "handle": words, "name": words}}
        network.says("x", f"{words} pushchair", take_in=False, **who, **picture)
        said = Message(
            brand=brand,
            thread=case.threads.first() if hasattr(case, "threads") else place.rows["thread"],
            case=case,
        )
        said.text, said.profile, said.external_id = words, place.rows["inbound"].profile, words[:500]
        said.published_at, said.private, said.outbound = network.now, number % 2 == 1, number % 5 == 0
        said.member = member if said.outbound else None
        said.account_id_at = place.rows["account"].pk
        said.save()
        Media.objects.create(
            message=said, kind="image", url=words, alt=words, problem=words[:200], copy_at=None
        )
        case.tags.add(Tag.objects.get_or_create(brand=brand, name=words[:40])[0])
        Note.objects.create(brand=brand, case=case, member=member, text=words)
        Event.objects.create(brand=brand, case=case, kind=Event.Kind.ASSIGNED, why=words, member=member)
    _take_in()
    chat.settings = {"origins": [], "name": some[0], "greeting": some[1]}
    chat.save()
    visit, token = visits.begin(chat, name=some[2], email=some[3][:254])
    visits.say(visit, f"k{random.randrange(10**12)}", some[4])
    _take_in()
    heard = Message.objects.filter(thread__account=chat).latest("pk")
    for words in some:
        Message.objects.create(
            brand=brand, thread=heard.thread, case=heard.case, member=member, outbound=True, private=True, text=words,
            external_id=f"{heard.pk} {words}"[:500], account_id_at=chat.pk, published_at=network.now,
        )  # fmt: skip
    _every_column(some)
    return token


def _take_in() -> None:
    """Until nothing waits; the running worker takes its part."""
    while arrival.work() or Delivery.objects.filter(state=Delivery.State.WAITING).exists():
        pass


def _every_column(some: list[str]) -> None:
    chance = random.Random(some[0])
    for model in apps.get_models():
        if not model.__module__.startswith("hark.") or model in (Event, Message):
            continue
        for column in model._meta.get_fields():
            if (
                type(column) not in (models.CharField, models.TextField)
                or column.choices
                or OURS.match(column.name)
            ):
                continue
            for pk in list(model._base_manager.values_list("pk", flat=True)[:60]):
                words = chance.choice(some)[: column.max_length or 5000]
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=pk).update(**{column.name: words})
                except (IntegrityError, DatabaseError):
                    break  # what the tables themselves refuse can't be shown
