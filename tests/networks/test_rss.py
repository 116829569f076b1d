"""A blog by its feed: comments become cases, answers given there by hand come back, and nothing old or foreign does."""

from __future__ import annotations

import time

import pytest

from hark.cases import arc
from hark.cases.models import Case, Message
from hark.channels import health, http
from hark.channels.base import NeedsReconnect, Refused, TryLater, Unreadable
from hark.channels.models import Account, Delivery
from hark.channels.networks.rss import collecting, connect, parsing
from hark.channels.registry import network_of
from hark.journeys import closing
from hark.web.problems import NotPossible
from tests import serving

from . import desk
from .desk import polls, takes_in, until
from .feeds import Blog

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blog():
    http._waits.clear()
    with Blog() as found:
        found.says(
            "J. Doe", "Nine hours in Lisbon.", at="2026-01-05T10:00:00Z", changed="2026-01-05T10:00:00Z"
        )
        yield found


@pytest.fixture
def account(blog, at_once) -> Account:
    return desk.connect(
        at_once, "rss", {"feed": blog.url, "own_names": "Ternway Care", "own_sites": "press.ternway.example"}
    )


def texts() -> list[str]:
    return sorted(Message.objects.values_list("text", flat=True))


def test_from_a_comment_to_an_answer_by_hand_to_the_closed_book(blog, account, tomas):
    polls(account)
    assert not Message.objects.exists()  # what stood there when we came is no news
    rita = blog.says("Rita", "Same here, and nobody answers.", below="tag:blog,2026:1")
    polls(account)
    case = Case.objects.get()
    [message] = case.messages.all()
    assert (message.text, message.private, message.url) == (
        "Same here, and nobody answers.",
        False,
        f"{blog.url}/a/1#comment-2",
    )

    with pytest.raises(NotPossible, match="can't be answered in public"):
        desk.answers(case, tomas, "We are sorry, Rita.")
    with pytest.raises(Refused, match="open the page and answer there"):
        account.network.send(account.connection(), None)
    blog.says("Ternway Care", "We are sorry, Rita. It is on its way.", below=rita)  # by hand, on the blog
    polls(account)
    answer = case.messages.get(outbound=True)
    assert (answer.text, answer.by_brand_elsewhere) == ("We are sorry, Rita. It is on its way.", True)
    assert Case.objects.count() == 1
    case.refresh_from_db()
    for step in (Case.Arc.ACKNOWLEDGED, Case.Arc.PRIVATE):
        arc.skip(case, step, by=tomas, reason="answered on the blog itself")
    closing.resolve(case, by=tomas)
    closing.close_silently(case, by=tomas, reason="the last word stands on the blog")
    assert Case.objects.get().state == Case.State.CLOSED


def test_asking_is_cheap_and_less_often_the_quieter_it_is(blog, account):
    first = polls(account)[-1].wait_seconds
    polls(account)
    assert blog.asked("GET /feed")[-1].headers["if-none-match"]
    assert "hark" in blog.asked("GET /feed")[-1].headers["user-agent"].lower()
    account.refresh_from_db()
    assert account.cursor["rests_seconds"] > first / 1.1
    assert health.health_of(account).state == "done"
    blog.says("Sam", "news")
    assert polls(account)[-1].wait_seconds < account.cursor["rests_seconds"]


def test_edits_doubles_and_ids_that_change_each_time(blog, account):
    polls(account)
    own = blog.says("Sam", "Frist!", title="One")
    polls(account)
    polls(account)
    blog.edits(own, "First!")
    polls(account)
    assert [text.split("\n")[-1] for text in texts()] == ["First!"]
    assert Message.objects.get().edited_at

    blog.entries[0]["id"] = "tag:another-one-for-the-same"
    blog.sends_tags = False
    polls(account)
    assert Message.objects.count() == 1
    blog.says("Press", "We won.", link="https://press.ternway.example/prize")
    polls(account)
    assert Message.objects.count() == 1  # told again from the brand's own site


def test_a_hub_proves_itself_and_pushes_and_forgeries_vanish(blog, account, settings):
    with serving.hark() as address:
        settings.HARK_PUBLIC_URL = address
        polls(account)
        assert blog.hub["hub.callback"] == f"{address}/hooks/{account.hook_key}"
        assert (blog.verifies().status_code, blog.verifies().text) == (200, "challenge-1")
        assert blog.verifies("https://another.example/feed").status_code == 404
        for number, method in enumerate(("sha1", "sha256", "sha384", "sha512")):
            blog.says("Rita", f"pushed with {method}")
            assert blog.pushes(method) == 200
            until(lambda: takes_in() or Message.objects.count() == number + 1, method)  # noqa: B023
        blog.says("Mallory", "forged")
        assert blog.pushes(secret="guessed") == 200  # the standard wants no oracle
        takes_in()
        assert Message.objects.count() == 4
        polls(account)  # the safety net finds what was never pushed rightly, and nothing twice
        assert Message.objects.count() == 5
    assert len(blog.asked("POST /hub")) == 1
    account.refresh_from_db()
    account.cursor["lease_until"] = time.time() + 100_000  # more than half of the lease is over
    account.save()
    polls(account)
    assert len(blog.asked("POST /hub")) == 2


def test_a_feed_that_moves_is_followed_and_one_that_is_gone_asks_for_a_person(blog, account):
    blog.moved = True
    polls(account)
    polls(account)
    assert [call.path for call in blog.asked("feed")][-2:] == ["/new-feed", "/new-feed"]
    blog.closed = True
    with pytest.raises(NeedsReconnect, match="sign-in"):
        polls(account)
    blog.gone = True
    with pytest.raises(NeedsReconnect, match="gone for good"):
        polls(account)
    [finding] = account.network.test(account.connection())
    assert finding.works is False


@pytest.mark.parametrize(
    "kind",
    [
        "429",
        "429 bare",
        "500 before",
        "reset before",
        "reset after",
        "slow",
        "malformed",
        "truncated",
        "empty",
    ],
)
def test_whatever_goes_wrong_while_reading_nothing_is_lost(blog, account, kind):
    polls(account)
    blog.says("Rita", "Hello?")
    blog.fails(kind, on="GET /feed", seconds=3)
    with pytest.raises(TryLater):
        polls(account)
    http._waits.clear()
    polls(account)
    assert Message.objects.count() == 1
    assert not Delivery.objects.filter(state=Delivery.State.UNREADABLE).exists()


def test_a_hub_that_is_away_stops_nothing_and_two_weeks_of_trouble_do(blog, account, monkeypatch):
    blog.fails("500 before", on="POST /hub", times=9)
    polls(account)
    account.refresh_from_db()
    assert account.cursor["hub_problem"]
    monkeypatch.setattr(collecting, "PATIENCE_SECONDS", -1)
    blog.fails("500 before", on="GET /feed", times=9)
    with pytest.raises(NeedsReconnect, match="two weeks"):
        polls(account)


def test_a_password_is_told_to_the_feeds_own_host_alone(blog, account, monkeypatch):
    account.seal({**account.credentials, "authorization": "Bearer s3cret"})
    account.save()
    with Blog() as other:
        monkeypatch.setattr(blog, "url", blog.url)
        blog._routes.insert(0, ("GET", blog._routes[1][1], lambda call: collecting_away(other)))
        collecting.fetch(account.connection(), {})
        assert blog.asked("GET /feed")[-1].headers["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.asked("GET /feed")[-1].headers


def collecting_away(other: Blog):
    from .kit import Say

    return Say(b"", 302, {"location": f"{other.url}/feed"})


def test_bombs_and_entities_are_harmless():
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(9))
    item = "<item><guid>1</guid><title>x {}</title></item>"
    frame = f'<?xml version="1.0"?><!DOCTYPE r [{{}}]><rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
    for body in (frame.format(lol, "&l8;"), frame.format('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;")):
        try:
            said = str(parsing.parse(body.encode()).entries)
        except Unreadable:
            said = ""
        assert "root:" not in said
        assert len(said) < 2000
    for path in (b"/etc/passwd", b"https://localhost/feed", b"<rss>" + b"<a>" * 150_000, b"x" * (6 * 2**20)):
        with pytest.raises(Unreadable):
            parsing.parse(path)


def test_an_address_inside_is_refused_and_a_page_without_a_feed_says_so(blog, at_once, monkeypatch):
    monkeypatch.setattr(blog, "page", None)
    form = network_of("rss").connect_form()({"feed": "https://169.254.169.254/feed"})
    assert form.is_valid()
    with pytest.raises(Exception, match="private network"):
        form.connected()
    assert not connect.ConnectForm({"feed": "file:///etc/passwd"}).is_valid()
