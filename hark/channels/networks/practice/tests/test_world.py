"""Customers of the practice network come by themselves, and react to what the brand does, never to what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hark.channels.base import NeedsReconnect, Refused, TryLater, Unsure
from hark.channels.networks.practice import scenarios, world
from hark.channels.networks.practice.models import Post

from .conftest import NOON, Corner, customers_only


def test_eight_customers_are_there_within_seconds_and_then_one_comes_every_half_minute(db):
    corner = Corner(world.open_world("ternway", is_live=False, now=NOON))

    at_once = corner.wait(seconds=10)
    assert len({message.author.external_id for message in at_once if message.author}) >= 8
    assert all(NOON <= message.at <= NOON + timedelta(seconds=10) for message in at_once)

    plays = corner.row.plays.count()
    corner.wait(minutes=4)
    assert 4 <= corner.row.plays.count() - plays <= 12


def test_the_same_seed_brings_the_same_people_with_the_same_words(db):
    def first_minutes(name: str) -> list[tuple[str, str]]:
        corner = Corner(world.open_world(name, seed="drill 7", is_live=False, now=NOON))
        return [(message.author.handle, message.text) for message in corner.wait(minutes=6) if message.author]

    first = first_minutes("ternway")
    assert len(first) > 10
    assert first == first_minutes("nordhav")


def test_nobody_new_comes_while_too_many_wait(db):
    corner = Corner(world.open_world("ternway", is_live=False, patience=5, now=NOON))
    first = customers_only(corner.wait(minutes=30))
    assert corner.row.plays.count() == 5

    for message in first:
        corner.reply("I’m on it.", message, private=message.visibility == "private")
    corner.wait(minutes=3)
    assert corner.row.plays.count() > 5


def test_the_story_of_the_pushchair(corner):
    world.play("ternway", "pushchair_snapped")
    [post] = corner.wait(seconds=1)
    assert (post.author.name, post.visibility, post.kind) == ("Maya Lindqvist", "public", "created")
    assert post.thread == post.external_id

    corner.reply("Maya, I’m so sorry you landed to that. I’m Tomas, I stay with you.", post)
    [answer] = customers_only(corner.wait(minutes=2))
    assert (answer.parent, answer.thread) != ("", "")
    assert answer.thread == post.thread

    corner.reply("Could you send me your booking in private?", answer, handoff="direct_dm")
    private = customers_only(corner.wait(minutes=2))
    assert [message.visibility for message in private] == ["private", "private"]
    assert {message.author.external_id for message in private} == {post.author.external_id}

    corner.reply("The desk has a loan one for you.", private[-1], private=True)
    [more] = customers_only(corner.wait(minutes=2))
    assert more.visibility == "private"

    corner.reply("Glad you have wheels again, Maya.", answer)
    thanks = customers_only(corner.wait(minutes=2))
    assert sorted(message.kind for message in thanks) == ["created", "reacted"]
    assert thanks[0].visibility == "public"


def test_waiting_makes_people_angrier_and_an_answer_stops_that(corner):
    world.play("ternway", "cancelled_wedding")
    [post] = corner.wait(seconds=1)
    [nudge] = corner.wait(minutes=8)
    assert "waiting time" in nudge.text

    corner.reply("Priya, I see it. Give me five minutes.", post)
    later = customers_only(corner.wait(minutes=40))
    assert not any("replies tab" in message.text for message in later)


def test_how_long_the_answer_took_decides_how_it_is_taken(corner):
    world.play("ternway", "pushchair_snapped")
    [post] = corner.wait(seconds=1)
    corner.wait(minutes=24)
    corner.reply("Hello Maya, sorry for the wait.", post)
    [taken] = customers_only(corner.wait(minutes=2))
    assert "took a while" in taken.text


def test_some_never_come_back(corner):
    world.play("ternway", "miles_silent")
    [post] = corner.wait(seconds=1)
    corner.reply("Usually ten days, Dexter. Shall I look?", post)
    assert customers_only(corner.wait(hours=5)) == []


def test_a_pile_on_joins_one_thread(corner):
    world.play("ternway", "belt_pile_on")
    messages = corner.wait(minutes=6)
    assert len({message.thread for message in messages}) == 1
    assert len({message.author.external_id for message in messages}) == 7
    assert {message.lang for message in messages} == {"en", "no", "pt"}


def test_a_post_is_edited_and_another_taken_down(corner):
    world.play("ternway", "pushchair_rumour_spread")
    post = corner.wait(seconds=1)[0]
    assert "Ben Achterberg" in {message.author.name for message in corner.wait(minutes=3)}
    corner.reply("Pushchairs fly free all winter: here is the page.", post)
    corner.wait(minutes=3)
    corner.reply("It says so under “children”.", post)
    edited = [message for message in corner.wait(minutes=3) if message.kind == "edited"]
    assert [message.external_id for message in edited] == [post.external_id]
    assert edited[0].text.startswith("CORRECTION")
    assert edited[0].version > post.version

    world.play("ternway", "posted_phone")
    [phone] = corner.wait(seconds=1)
    corner.reply("Nils, please take your number down, I’ll write to you.", phone)
    assert "deleted" in [message.kind for message in corner.wait(minutes=3)]
    assert Post.objects.get(external_id=phone.external_id).text == ""
    with pytest.raises(Refused) as refused:
        corner.reply("Are you there?", phone)
    assert refused.value.code == "gone"


def test_somebody_who_takes_messages_from_friends_only_is_reached_by_a_link(corner):
    world.play("ternway", "overbooked_student")
    [post] = corner.wait(seconds=1)
    reach = corner.network.reach(corner.connection, post.author, {})
    assert (reach.possible, reach.mechanism) == (True, "link")
    with pytest.raises(Refused):
        corner.reply("Hello Femi", post, private=True)

    corner.reply("Follow me here", post, handoff="link", handoff_url="https://hark.example/in?ref=token-1")
    [private] = customers_only(corner.wait(minutes=1))
    assert (private.visibility, private.handoff_token) == ("private", "token-1")
    assert corner.network.reach(corner.connection, post.author, {}).mechanism == "direct_dm"


def test_a_like_pleases(corner):
    world.play("ternway", "crew_praise")
    [post] = corner.wait(seconds=1)
    corner.network.like(corner.connection, post.external_id, {})
    [more] = corner.wait(minutes=1)
    assert "Row 14" in more.text


def test_the_second_time_round_others_play_the_parts(corner):
    first, again = (world.play("ternway", "pushchair_snapped", round_=round_) for round_ in (0, 1))
    people = [play.acts.first().persona.name for play in (first, again)]
    assert people[0] == "Maya Lindqvist"
    assert people[1] != "Maya Lindqvist"


class TestWhenItFails:
    def test_the_same_key_makes_one_post(self, corner):
        draft = self._draft(corner)
        first, second = (corner.network.send(corner.connection, draft) for _ in range(2))
        assert first.external_id == second.external_id
        assert self._ledger(draft) == 1

    def test_on_a_lesser_network_the_ledger_shows_doubles(self, corner):
        corner.row.idempotent = False
        corner.row.save()
        draft = self._draft(corner)
        for _ in range(2):
            corner.network.send(corner.connection, draft)
        assert self._ledger(draft) == 2

    def test_a_lost_answer_leaves_the_post_to_be_found(self, corner):
        draft = self._draft(corner)
        world.fault("ternway", "lost_answer")
        with pytest.raises(Unsure):
            corner.network.send(corner.connection, draft)
        assert corner.network.find_sent(corner.connection, draft) is not None

    @pytest.mark.parametrize(
        ("fault", "failure"),
        [
            ("rate_limit", TryLater),
            ("server_error", Unsure),
            ("refused", Refused),
            ("expired", NeedsReconnect),
        ],
    )
    def test_nothing_is_published_by_a_call_that_failed(self, corner, fault, failure):
        draft = self._draft(corner)
        world.fault("ternway", fault)
        with pytest.raises(failure):
            corner.network.send(corner.connection, draft)
        assert corner.network.find_sent(corner.connection, draft) is None
        assert corner.network.send(corner.connection, draft).external_id

    def test_an_account_it_does_not_know_must_be_connected(self, corner):
        draft = self._draft(corner)
        corner.row.delete()
        with pytest.raises(NeedsReconnect):
            corner.network.send(corner.connection, draft)

    def test_too_long_is_refused_in_graphemes(self, corner):
        from hark.channels.base import Author

        somebody = Author("somebody")
        assert corner.reply("👩‍👧" * 500, somebody)
        with pytest.raises(Refused) as refused:
            corner.reply("👩‍👧" * 501, somebody)
        assert refused.value.code == "too_long"

    def _draft(self, corner: Corner):
        world.play("ternway", "miles_silent")
        [post] = corner.wait(seconds=1)
        return corner.draft("Let me look.", post)

    def _ledger(self, draft) -> int:
        return Post.objects.filter(key=draft.key).count()


def test_the_brands_own_words_come_back_in_the_feed_and_can_be_changed(corner):
    world.play("ternway", "miles_silent")
    [post] = corner.wait(seconds=1)
    receipt = corner.reply("Usualy ten days.", post)
    corner.network.edit(corner.connection, receipt.external_id, "Usually ten days.", {})
    corner.network.withdraw(corner.connection, receipt.external_id, {})
    corner.network.withdraw(corner.connection, receipt.external_id, {})
    own = corner.heard()
    assert [message.kind for message in own] == ["created", "edited", "deleted"]
    assert own[0].by_brand
    assert {message.external_id for message in own} == {receipt.external_id}


def test_every_scenario_file_is_sound_and_fits_the_network(corner):
    known = scenarios.all_scenarios()
    assert len(known) >= 24
    assert len({scenario.lang for scenario in known.values()}) >= 8
    assert sum(scenario.opening for scenario in known.values()) == 8
    for name in known:
        world.play("ternway", name)
    texts = [act.text for scenario in known.values() for act in scenario.acts if act.text]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) <= 500
    assert corner.wait(hours=1)


def test_a_scenario_with_a_mistake_says_which(tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        'title = "x"\nkind = "question"\n[people.a]\nhandle = "a"\nname = "A"\n'
        '[[acts]]\ndoes = "post"\nwho = "b"\ntext = "hi"\n'
    )
    with pytest.raises(ValueError, match=r"wrong.toml: act 1: nobody here is called “b”"):
        scenarios.load(wrong)
