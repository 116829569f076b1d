"""What leaves for the three networks, in which window, and what is told when it may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hark.channels.base import Connection, NeedsReconnect, OutgoingFile, Refused, TryLater, Unsure
from hark.channels.registry import network_of

from .conftest import answer

PICTURE = OutgoingFile("a.png", "image/png", b"\x89PNG", "a suitcase")
HOUR = timedelta(hours=1)


def asks(world, slug):
    """A customer says something that can be answered, in public where there is a public."""
    if slug == "facebook":
        return world.comments("6600042", "Ana Reis", "Still no refund!")
    if slug == "instagram":
        return world.comments_on_instagram("77001", "lu.pinto", "where is my order??")
    return world.texts("351910000000", "PT.5550001", "Rui", "Olá")


def writes(world, slug):
    if slug == "whatsapp":
        return world.texts("351910000000", "PT.5550001", "Rui", "Olá")
    return world.writes("31001", "hi", to={"facebook": "1050001", "instagram": "17841400000000001"}[slug])


ALL = pytest.mark.parametrize("slug", ["facebook", "instagram", "whatsapp"])
PUBLIC = pytest.mark.parametrize("slug", ["facebook", "instagram"])


@ALL
def test_an_answer_is_published_once_and_its_echo_is_the_same_message(world, account, heard, slug):
    message = heard(slug, asks(world, slug))
    receipt = network_of(slug).send(account(slug), answer(message))
    assert [words for _, words in world.ledger] == ["We are sorry."]
    if slug != "whatsapp":  # which tells by statuses instead
        echo = heard(slug, world.echoes[-1])
        assert (echo.external_id, echo.by_brand, echo.thread) == (receipt.external_id, True, receipt.thread)


@PUBLIC
def test_one_private_reply_goes_to_a_comment_and_names_whom_it_reached(world, account, heard, slug):
    network, message = network_of(slug), heard(slug, asks(world, slug))
    world.known_as = {message.author.external_id: "31001"}
    receipt = network.send(account(slug), answer(message, private=True))
    assert (receipt.thread, receipt.recipient.external_id) == ("31001", "31001")
    with pytest.raises(Refused, match="once"):
        network.send(account(slug), answer(message, private=True))
    assert len(world.ledger) == 1


@PUBLIC
def test_an_invitation_takes_its_private_message_along(world, account, heard, slug):
    network, message = network_of(slug), heard(slug, asks(world, slug))
    reach = network.reach(account(slug), message.author, message.facts)
    assert (reach.possible, reach.mechanism) == (True, "private_reply")
    network.send(account(slug), answer(message, "Shall we go on in private?", handoff="private_reply"))
    person, below = (where for where, _ in world.ledger)
    assert (person, below) == (message.author.external_id, message.external_id)


@PUBLIC
def test_after_a_week_the_way_to_private_is_a_link(world, account, heard, slug):
    network = network_of(slug)
    world.now -= timedelta(days=8)
    message = heard(slug, asks(world, slug))
    reach = network.reach(account(slug), message.author, message.facts)
    assert reach.mechanism == "dm_link"
    assert reach.url.endswith("/ternway")
    with pytest.raises(Refused) as refusal:
        network.send(account(slug), answer(message, private=True))
    assert refusal.value.code == "window_closed"


@PUBLIC
@pytest.mark.parametrize(
    ("hours", "approved", "automatic", "tag"),
    [
        (1, False, False, ""),
        (25, True, False, "HUMAN_AGENT"),
        (25, True, True, "closed"),
        (25, False, False, "closed"),
        (24 * 7 + 1, True, False, "closed"),
    ],
)
def test_the_human_tag_is_for_people_alone(world, account, heard, slug, hours, approved, automatic, tag):
    now, world.now = world.now, world.now - hours * HOUR
    message = heard(slug, writes(world, slug))
    world.now = now
    reply = answer(message, automatic=automatic)
    connection = account(slug, human_agent=approved)
    if tag == "closed":
        with pytest.raises(Refused) as refusal:
            network_of(slug).send(connection, reply)
        assert refusal.value.code == "window_closed"
        assert world.ledger == []
    else:
        network_of(slug).send(connection, reply)
        assert world.sent[-1].get("tag", "") == tag


@PUBLIC
def test_when_our_clock_is_behind_the_tag_is_used_after_all(world, account, heard, slug):
    message = heard(slug, writes(world, slug))
    world.now += 25 * HOUR  # theirs alone
    network_of(slug).send(account(slug, human_agent=True), answer(message))
    assert [body.get("tag") for body in world.sent] == [None, "HUMAN_AGENT"]
    with pytest.raises(Refused):
        network_of(slug).send(account(slug), answer(message))
    assert len(world.ledger) == 1


@pytest.mark.parametrize("skew", [False, True])
def test_after_24_hours_whatsapp_takes_the_words_in_a_template(world, account, heard, skew):
    now = world.now
    if not skew:
        world.now -= 25 * HOUR
    message = heard("whatsapp", writes(world, "whatsapp"))
    world.now = now + 25 * HOUR if skew else now
    network = network_of("whatsapp")
    with pytest.raises(Refused) as refusal:
        network.send(account("whatsapp"), answer(message))
    assert refusal.value.code == "window_closed"
    network.send(
        account("whatsapp", template="case_news", template_language="pt_PT"), answer(message, "Two\nlines.")
    )
    template = world.sent[-1]["template"]
    assert (template["name"], template["language"]) == ("case_news", {"code": "pt_PT"})
    assert world.ledger == [("PT.5550001", "Two lines.")]


def test_whatsapp_writes_to_the_scoped_id_or_to_the_number(world, account, heard):
    network = network_of("whatsapp")
    network.send(account("whatsapp"), answer(heard("whatsapp", world.texts("", "PT.77", "Eva", "Hi"))))
    network.send(account("whatsapp"), answer(heard("whatsapp", world.texts("351919", "", "Jo", "Hi"))))
    assert [(body.get("recipient"), body.get("to")) for body in world.sent] == [
        ("PT.77", None),
        (None, "351919"),
    ]


@pytest.mark.parametrize(("slug", "upload"), [("facebook", "photos"), ("whatsapp", "media")])
def test_a_picture_is_uploaded_first(world, account, heard, slug, upload):
    message = heard(slug, asks(world, slug))
    network_of(slug).send(account(slug), answer(message, files=(PICTURE,)))
    assert upload in world.called[0]
    assert len(world.ledger) == 1


def test_the_page_hides_likes_corrects_and_takes_back(world, account, heard):
    network, page = network_of("facebook"), account("facebook")
    message = heard("facebook", asks(world, "facebook"))
    network.hide(page, message.external_id, message.facts, hidden=True)
    assert world.hidden == {message.external_id}
    network.hide(page, message.external_id, message.facts, hidden=False)
    assert not world.hidden
    network.like(page, message.external_id, message.facts)
    assert world.liked == [message.external_id]
    receipt = network.send(page, answer(message))
    network.edit(page, receipt.external_id, "We are so sorry.", receipt.facts)
    assert world.said[receipt.external_id]["text"] == "We are so sorry."
    network.withdraw(page, receipt.external_id, receipt.facts)
    assert receipt.external_id not in world.said
    with pytest.raises(NeedsReconnect):  # somebody else's: a permission that nobody has
        network.edit(page, message.external_id, "x", message.facts)


def test_instagram_hides_likes_and_takes_back_but_does_not_edit(world, account, heard):
    network, ours = network_of("instagram"), account("instagram")
    message = heard("instagram", asks(world, "instagram"))
    network.hide(ours, message.external_id, message.facts, hidden=True)
    network.like(ours, message.external_id, message.facts)
    receipt = network.send(ours, answer(message))
    with pytest.raises(Refused):
        network.edit(ours, receipt.external_id, "x", receipt.facts)
    network.withdraw(ours, receipt.external_id, receipt.facts)
    assert (world.hidden, world.liked, receipt.external_id in world.said) == (
        {message.external_id}, [message.external_id], False,
    )  # fmt: skip
    with pytest.raises(Refused, match="Facebook Page"):
        network.like(account("instagram", login="instagram"), message.external_id, message.facts)


@ALL
@pytest.mark.parametrize(
    ("how", "failure", "seconds"),
    [
        ("throttled", TryLater, 420),
        ("429", TryLater, 300),
        ("busy", TryLater, 60),
        ("revoked", NeedsReconnect, 0),
    ],
)
def test_what_was_surely_not_published_waits_or_asks_for_the_account(
    world, account, heard, slug, how, failure, seconds
):
    message = heard(slug, asks(world, slug))
    world.goes_wrong("^POST", how)
    with pytest.raises(failure) as told:
        network_of(slug).send(account(slug), answer(message))
    assert world.ledger == []
    assert getattr(told.value, "seconds", 0) == seconds
    network_of(slug).send(account(slug), answer(message))
    assert len(world.ledger) == 1


@ALL
@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("how", ["lost", "cut", "garbled", "broken"])
def test_what_may_be_out_there_is_looked_for_before_anything_is_sent_again(
    world, account, heard, slug, private, how
):
    network = network_of(slug)
    message = heard(slug, writes(world, slug) if private else asks(world, slug))
    world.goes_wrong("^POST", how)
    with pytest.raises(Unsure):
        network.send(account(slug), answer(message))
    assert len(world.ledger) == 1
    if slug == "whatsapp":  # it has no list of what was sent
        with pytest.raises(Unsure):
            network.find_sent(account(slug), answer(message))
        return
    found = network.find_sent(account(slug), answer(message))
    assert found.external_id == heard(slug, world.echoes[-1]).external_id
    assert network.find_sent(account(slug), answer(message, "Never sent.")) is None


@PUBLIC
def test_the_same_words_twice_leave_it_to_a_person(world, account, heard, slug):
    network, message = network_of(slug), heard(slug, asks(world, slug))
    network.send(account(slug), answer(message))
    network.send(account(slug), answer(message))
    with pytest.raises(Unsure):
        network.find_sent(account(slug), answer(message))


@PUBLIC
def test_a_lost_private_message_is_not_sent_twice_along_with_the_invitation(world, account, heard, slug):
    network, message = network_of(slug), heard(slug, asks(world, slug))
    invitation = answer(message, "Shall we?", handoff="private_reply")
    world.goes_wrong("messages", "lost")
    with pytest.raises(TryLater):
        network.send(account(slug), invitation)
    network.send(account(slug), invitation)
    assert [where for where, _ in world.ledger] == [message.author.external_id, message.external_id]


@PUBLIC
def test_below_what_is_gone_nothing_is_published(world, account, heard, slug):
    message = heard(slug, asks(world, slug))
    world.said.clear()
    with pytest.raises(Refused) as refusal:
        network_of(slug).send(account(slug), answer(message))
    assert refusal.value.code == "gone"


@ALL
def test_a_server_that_is_away_means_later(world, account, heard, slug):
    message = heard(slug, asks(world, slug))
    world.__exit__()
    with pytest.raises(TryLater):
        network_of(slug).send(account(slug), answer(message))


def test_more_than_a_network_takes_is_refused_before_it_is_asked(world, account, heard):
    message = heard("instagram", writes(world, "instagram"))
    with pytest.raises(Refused) as refusal:
        network_of("instagram").send(account("instagram"), answer(message, "é" * 501))  # counted in bytes
    assert refusal.value.code == "too_long"
    assert world.called == []


def test_a_conversation_that_a_colleague_took_in_metas_inbox_is_left_to_them(world, account, heard):
    body = writes(world, "facebook")
    body["entry"][0]["standby"] = body["entry"][0].pop("messaging")
    message = heard("facebook", body)
    with pytest.raises(Refused, match="inbox"):
        network_of("facebook").send(account("facebook"), answer(message))


def form(slug, **fields):
    given = {"token": {"facebook": "page-token", "instagram": "insta-token", "whatsapp": "cloud-token"}[slug],
             "app_key": "hark-test-secret", "verify_token": "our-own-word", "login": "facebook", "number": "1060001",
             "business": "4190001"}  # fmt: skip
    found = network_of(slug).connect_form()({**given, **fields})
    assert found.is_valid(), found.errors
    return found


@ALL
def test_connecting_proves_the_token_and_subscribes_the_app(world, account, slug):
    fields = form(slug).connected()
    assert fields["external_id"] == account(slug).external_id
    assert fields["credentials"]["app_key"] == "hark-test-secret"
    assert "ternway" in fields["handle"] or fields["handle"].startswith("+351")
    assert len(world.subscribed) == 1


@ALL
def test_a_token_that_does_not_fit_is_told_at_its_field(world, slug):
    with pytest.raises(ValidationError) as told:
        form(slug, token="an old one").connected()
    assert "token" in told.value.message_dict


@ALL
def test_the_self_test_says_what_works_and_what_does_not(world, slug):
    fields, network = form(slug).connected(), network_of(slug)

    def told(**credentials):
        held = {**fields["credentials"], **credentials}
        account = Connection(1, fields["external_id"], "", held, fields["settings"], network.can)
        return [finding.works for finding in network.test(account)]

    assert told() == [True, True]
    world.fields = world.fields[:1]
    assert told() == [True, slug == "whatsapp"]
    world.subscribed.clear()
    assert told() == [True, False]
    assert told(token="an old one") == [False, False]
    world.goes_wrong("^GET", "garbled", times=2)
    assert told() == [None, None]
