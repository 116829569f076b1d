"""The main job on Meta's three networks, against a stand-in.

Webhooks come signed through the edge, answers leave through the outbox.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from functools import cache

import pytest
from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels import actions, edge, http
from hark.channels.models import Account, Delivery
from hark.channels.registry import network_of
from hark.journeys import arrival, closing, correcting, reply
from hark.journeys.move import invitation, move_to_private
from hark.journeys.ways import reach_of
from hark.moves.models import Move
from hark.replies.models import Reply
from hark.web import outbound
from tests import looping
from tests.networks import meta, meta_world

from .test_edge import call, deliver

pytestmark = pytest.mark.django_db(transaction=True)
COMMENTER, IN_MESSENGER, LU = "6600042", "31001", "77001"


@pytest.fixture
def world(monkeypatch, ternway):
    Brand.objects.update(undo_seconds=0)
    edge.edge.doors.clear()
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    monkeypatch.setattr(http, "_client", cache(lambda: outbound.client(timeout=2)))
    with meta.Meta() as found:
        monkeypatch.setenv("HARK_META_GRAPH", found.url)
        yield found


class Side:
    """One connected account: what is said there arrives, and what is due leaves."""

    def __init__(self, world: meta.Meta, brand: Brand, slug: str, token: str, **fields) -> None:
        self.world = world
        given = {"token": token, "app_key": meta_world.SECRET, "verify_token": meta_world.WORD, **fields}
        form = network_of(slug).connect_form()(given)
        assert form.is_valid(), form.errors
        self.account: Account = actions.connect(brand, slug, form.connected())

    def hears(self, *bodies: dict, times: int = 1) -> None:
        requests = [(self.account.hook_key, *self.world.signed(body)) for body in bodies] * times
        answers = deliver(*requests)
        assert {status for status, _, _ in answers} == {200}
        while arrival.work():
            pass
        assert not Delivery.objects.unreadable().exists()

    def sends(self) -> None:
        """What is due leaves, and Meta tells of it by its echoes, each twice."""
        while reply.deliver():
            pass
        echoes, self.world.echoes = self.world.echoes, []
        if echoes:
            self.hears(*echoes, times=2)

    def later(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        Reply.objects.filter(state__in=["queued", "unsure"]).update(due_at=past)
        Account.objects.update(paused_until=None)


def says(case, by, text, *, private=False) -> Reply:
    case.refresh_from_db()
    [row] = reply.queue(case, by=by, private=private, text=text, seen_version=case.version)
    return row


def moves(case, by) -> None:
    case.refresh_from_db()
    assert reach_of(case).mechanism == "private_reply"
    move_to_private(case, by=by, reason="details", text=invitation(case), seen_version=case.version)


def closes(side, case, by) -> None:
    case.refresh_from_db()
    closing.resolve(case, by=by)
    closing.close_the_book(case, by=by, text=closing.closing_line(case), seen_version=case.version)
    side.sends()
    case.refresh_from_db()
    assert (case.state, case.arc) == (Case.State.CLOSED, Case.Arc.BOOK_CLOSED)


@pytest.fixture
def page(world, ternway):
    return Side(world, ternway, "facebook", "page-token", human_agent=True)


@pytest.fixture
def insta(world, ternway):
    return Side(world, ternway, "instagram", "insta-token", login="facebook")


@pytest.fixture
def number(world, ternway):
    return Side(
        world, ternway, "whatsapp", "cloud-token", number=meta_world.NUMBER, business=meta_world.BUSINESS
    )


def test_meta_is_answered_when_it_asks_whose_address_this_is(page):
    query = b"hub.mode=subscribe&hub.verify_token=our-own-word&hub.challenge=1158201444"

    async def asked():
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        path = f"/hooks/{page.account.hook_key}"
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "headers": [],
        }
        await edge.receive(scope, receive, send)
        return sent[0]["status"], sent[1]["body"]

    assert looping.run(asked()) == (200, b"1158201444")
    raw, headers = page.world.signed(page.world.comments(COMMENTER, "Ana Reis", "Hello"))
    forged = [(headers[0][0], b"sha256=" + b"0" * 64)]
    assert looping.run(call(page.account.hook_key, raw, forged))[0] == 401
    assert Delivery.objects.count() == 0


def test_on_facebook_from_a_comment_by_messenger_to_the_closed_book(world, page, tomas):
    world.known_as = {COMMENTER: IN_MESSENGER}  # Messenger knows her by another id
    page.hears(world.comments(COMMENTER, "Ana Reis", "Still no refund, and you broke my suitcase!"), times=3)
    case = Case.objects.get()
    says(case, tomas, "Ana, I’m so sorry. I’m Tomas, and I stay with you.")
    page.sends()

    moves(case, tomas)
    page.sends()
    in_private, in_public = world.ledger[-2:]
    assert in_private[0] == IN_MESSENGER
    assert in_public[1] == in_private[1] == invitation(case)

    page.hears(world.writes(IN_MESSENGER, "My booking is TW-4471."))
    assert Case.objects.get() == case, "she is the same customer there"
    assert Move.objects.get().followed_at is not None
    says(case, tomas, "Thank you, it is on its way.", private=True)
    page.sends()
    assert world.ledger[-1] == (IN_MESSENGER, "Thank you, it is on its way.")
    assert world.sent[-1]["messaging_type"] == "RESPONSE"

    closes(page, case, tomas)
    texts = list(Message.objects.filter(outbound=True, case=case).values_list("text", flat=True))
    assert len(texts) == len(set(texts)) == 4, "each answer stands once, however often its echo came"


def test_on_instagram_from_a_comment_by_direct_message_to_the_closed_book(world, insta, tomas):
    insta.hears(world.comments_on_instagram(LU, "lu.pinto", "where is my order?? it came broken"))
    case = Case.objects.get()
    says(case, tomas, "Lu, I’m so sorry. I’m Tomas.")
    insta.sends()
    moves(case, tomas)
    insta.sends()
    assert world.ledger[-2][0] == LU

    insta.hears(world.writes(LU, "Order 4471.", to=meta_world.ACCOUNT))
    assert Case.objects.get() == case
    says(case, tomas, "A new one is on its way.", private=True)
    insta.sends()
    closes(insta, case, tomas)


def test_on_whatsapp_from_the_first_message_to_the_closed_book(world, number, tomas):
    """Private alone: there is nobody to tell in public."""
    number.hears(world.texts("351910000000", "PT.5550001", "Rui", "My suitcase is broken."), times=2)
    case = Case.objects.get()
    says(case, tomas, "Rui, I’m so sorry.", private=True)
    number.sends()
    number.hears(world.texts("", "PT.5550001", "Rui", "Thank you!"))  # he hides his number meanwhile
    assert Case.objects.get() == case
    says(case, tomas, "A new one is on its way.", private=True)
    number.sends()
    assert world.ledger == [("PT.5550001", "Rui, I’m so sorry."), ("PT.5550001", "A new one is on its way.")]
    closing.resolve(case, by=tomas)
    closing.close_silently(case, by=tomas, reason="There is nothing public here.")
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED


def test_a_comment_can_first_be_answered_in_private_once(world, page, tomas):
    world.known_as = {COMMENTER: IN_MESSENGER}
    page.hears(world.comments(COMMENTER, "Ana Reis", "You broke my suitcase."))
    case = Case.objects.get()
    says(case, tomas, "Ana, what is your booking?", private=True)
    page.sends()
    assert world.ledger == [(IN_MESSENGER, "Ana, what is your booking?")]
    page.hears(world.writes(IN_MESSENGER, "TW-4471"))
    assert Case.objects.get() == case


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_comment_edit_and_removal_in_any_order_leave_nothing_to_read(world, page, order):
    said = world.comments(COMMENTER, "Ana Reis", "My phone is 910 000 000")
    here = said["entry"][0]["changes"][0]["value"]["comment_id"]
    events = [said, world.edits(here, "My suitcase is broken"), world.removes(here)]
    for number_ in order:
        page.hears(events[number_], times=2)
    [message] = Message.objects.all()
    assert (message.text, message.earlier, message.deleted_at is None) == ("", [], False)


@pytest.mark.parametrize("how", ["lost", "cut", "garbled", "broken"])
def test_a_comment_whose_answer_was_lost_is_found_and_not_written_twice(world, page, tomas, how):
    page.hears(world.comments(COMMENTER, "Ana Reis", "My suitcase is broken"))
    row = says(Case.objects.get(), tomas, "I’m so sorry.")
    world.goes_wrong("comments", how)
    page.sends()
    row.refresh_from_db()
    assert row.state == Reply.State.UNSURE
    page.later()
    page.sends()
    row.refresh_from_db()
    assert (row.state, len(world.ledger)) == (Reply.State.SENT, 1)
    assert Message.objects.filter(outbound=True, text="I’m so sorry.").count() == 1


def test_whatsapp_asks_a_person_when_it_can_not_be_known(world, number, tomas):
    number.hears(world.texts("351910000000", "PT.5550001", "Rui", "My suitcase is broken."))
    row = says(Case.objects.get(), tomas, "I’m so sorry.", private=True)
    world.goes_wrong("messages", "lost")
    for _ in range(3):
        number.sends()
        number.later()
    row.refresh_from_db()
    assert (row.state, len(world.ledger)) == (Reply.State.UNSURE, 1)
    assert "can't be asked" in row.failure


def test_when_meta_is_throttled_the_account_rests_as_long_as_it_is_told(world, page, tomas):
    page.hears(world.comments(COMMENTER, "Ana Reis", "My suitcase is broken"))
    row = says(Case.objects.get(), tomas, "I’m so sorry.")
    world.goes_wrong("comments", "throttled")
    page.sends()
    page.account.refresh_from_db()
    assert timedelta(minutes=6) < page.account.paused_until - timezone.now() < timedelta(minutes=8)
    page.later()
    page.sends()
    row.refresh_from_db()
    assert (row.state, len(world.ledger)) == (Reply.State.SENT, 1)


def test_a_token_that_is_revoked_holds_the_words_until_the_account_is_renewed(world, page, tomas):
    page.hears(world.comments(COMMENTER, "Ana Reis", "My suitcase is broken"))
    row = says(Case.objects.get(), tomas, "I’m so sorry.")
    world.tokens.clear()
    page.sends()
    row.refresh_from_db()
    page.account.refresh_from_db()
    assert (row.state, page.account.health) == (Reply.State.HELD, Account.Health.RECONNECT)
    assert world.ledger == []
    world.tokens["a new token"] = meta_world.PAGE
    again = Side(world, page.account.brand, "facebook", "a new token")
    assert again.account.pk == page.account.pk
    page.later()
    page.sends()
    row.refresh_from_db()
    assert (row.state, len(world.ledger)) == (Reply.State.SENT, 1)


def test_malformed_and_cut_bodies_are_kept_and_hold_up_nobody(world, page):
    good, _ = world.signed(world.comments(COMMENTER, "Ana Reis", "My suitcase is broken"))
    odd = world.comments(COMMENTER, "Ana Reis", "x")
    odd["entry"][0]["changes"][0]["value"]["comment_id"] = {"no": "id"}
    for raw in (good[:-20], b"[" * 5000, b"{}", world.signed(odd)[0], good):
        digest = hmac.new(meta_world.SECRET.encode(), raw, hashlib.sha256).hexdigest().encode()
        [(status, _, _)] = deliver(
            (page.account.hook_key, raw, [(b"x-hub-signature-256", b"sha256=" + digest)])
        )
        assert status == 200
    while arrival.work():
        pass
    assert Message.objects.get().text == "My suitcase is broken"
    assert Delivery.objects.unreadable().count() == 3


def test_a_like_and_a_correction_reach_the_page(world, page, tomas):
    page.hears(world.comments(COMMENTER, "Ana Reis", "You were kind!"))
    correcting.like(Message.objects.get(), by=tomas)
    says(Case.objects.get(), tomas, "Thnak you.")
    page.sends()
    ours = Message.objects.get(outbound=True)
    correcting.correct(ours, "Thank you.", by=tomas)
    assert (len(world.liked), world.said[ours.external_id]["text"]) == (1, "Thank you.")
    correcting.take_down(ours, by=tomas)
    assert ours.external_id not in world.said


def test_one_app_brings_the_updates_of_many_pages_each_to_its_own_account(world, page, ternway, nordhav):
    """Meta posts them all to the one address that the app has."""
    held = page.account.credentials

    def another(brand, external_id, key):
        account = Account(brand=brand, channel="facebook", external_id=external_id, handle=external_id)
        account.seal({**held, "app_key": key})
        account.save()
        return account

    lisbon = another(ternway, "1050002", meta_world.SECRET)
    other_app = another(ternway, "1050003", "somebody else's app")
    other_brand = another(nordhav, "1050004", meta_world.SECRET)
    body = world.comments(COMMENTER, "Ana Reis", "My suitcase is broken")
    for number_ in ("1050002", "1050003", "1050004"):
        body["entry"].append({**body["entry"][0], "id": number_})
    raw, headers = world.signed(body)
    assert deliver((page.account.hook_key, raw, headers))[0][0] == 200
    while arrival.work():
        pass
    assert set(Message.objects.values_list("account_id_at", flat=True)) == {page.account.pk, lisbon.pk}
    assert not Delivery.objects.filter(account__in=[other_app, other_brand]).exists()
    assert Delivery.objects.unreadable().filter(account=page.account).count() == 2
