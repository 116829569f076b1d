"""The tags that every template may use say the same as the scripts, and tie words to fields."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone

from hark.web import assets, keys, words


def rendered(text: str, **context: object) -> str:
    return str(engines["django"].from_string(text).render(context, RequestFactory().get("/?a=1&before=9")))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s left"),
        (-1, "1 s late"),
        (59.9, "59 s left"),
        (4 * 60 + 40, "4 min left"),
        (-12 * 60 - 20, "12 min late"),
        (100 * 60, "1 h 40 left"),
        (2 * 3600, "2 h left"),
        (5 * 3600 + 9 * 60, "5 h 09 left"),
        (-(2 * 86400 + 3 * 3600), "2 d 3 h late"),
    ],
)
def test_a_clock_says_the_time_left_in_words(seconds, text):
    assert words.clock_text(seconds) == text


@pytest.mark.parametrize(("minutes", "state"), [(-1, "over"), (4, "soon"), (52, "fine")])
def test_a_clock_is_told_by_words_sign_and_shape(minutes, state):
    html = rendered("{% clock due %}", due=timezone.now() + timedelta(minutes=minutes, seconds=5))

    assert f'class="clock clock--{state}"' in html
    assert words.PREFIX[state] in html
    assert "<due-clock due=" in html


def test_a_clock_that_does_not_run_does_not_tick():
    html = rendered('{% clock due paused="We wait for her" %}', due=timezone.now())

    assert "clock--paused" in html
    assert "We wait for her" in html
    assert "due-clock" not in html
    assert rendered("{% clock None %}") == ""


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 3, 4, 13, 52, tzinfo=UTC), "14:52"),
        (datetime(2026, 3, 3, 8, 5, tzinfo=UTC), "yesterday 09:05"),
        (datetime(2026, 3, 5, 8, 0, tzinfo=UTC), "tomorrow 09:00"),
        (datetime(2026, 3, 9, 8, 0, tzinfo=UTC), "Monday 09:00"),
        (datetime(2026, 1, 2, 8, 0, tzinfo=UTC), "2 Jan"),
        (datetime(2024, 11, 3, 8, 0, tzinfo=UTC), "3 Nov 2024"),
    ],
)
def test_a_moment_is_said_in_the_readers_zone(at, text):
    with timezone.override("Europe/Oslo"):
        assert words.moment(at, now=datetime(2026, 3, 4, 20, 0, tzinfo=UTC)) == text


def test_midnight_is_the_readers_own():
    now = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Oslo"):  # there it is the fifth already
        assert words.moment(datetime(2026, 3, 4, 13, 0, tzinfo=UTC), now=now) == "yesterday 14:00"


def test_an_icon_comes_from_the_sprite_and_is_for_the_eye_alone():
    html = rendered('{% icon "lock" %}')

    assert 'aria-hidden="true"' in html
    assert f'href="/assets/{assets.bundle().digest}/icons.svg#i-lock"' in html


def test_every_icon_that_a_tag_draws_is_in_the_sprite():
    sprite = (assets.FOLDER / "icons.svg").read_text()
    wanted = ["hold", "clock", "pause", "check", "right", "warn", "close", "refresh", "check-circle"]

    assert [name for name in wanted if f'id="i-{name}"' not in sprite] == []


def test_a_networks_sign_has_its_name():
    assert 'role="img" aria-label="Bluesky"' in rendered('{% network "Bluesky" "n-bluesky" %}')


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="Customers never see it.")
    team = forms.ChoiceField(label="Team", choices=[("a", "A")], required=False)
    remind = forms.BooleanField(label="Remind me", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def test_a_fields_error_and_help_are_tied_to_it():
    html = rendered("{% field form.name %}", form=Form({"name": ""}))

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_help id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'id="id_name_help"' in html
    assert '<label for="id_name">Name</label>' in html


def test_a_group_of_choices_has_a_legend_and_a_checkbox_stands_before_its_words():
    form = Form()

    assert "<legend>Kind</legend>" in rendered("{% field form.kind %}", form=form)
    assert '<label class="check"><input type="checkbox"' in rendered("{% field form.remind %}", form=form)


def test_what_somebody_typed_is_never_markup():
    html = rendered("{% field form.name %}", form=Form({"name": '"><script>alert(1)</script>'}))

    assert "<script>" not in html


def test_the_way_to_what_is_older_keeps_the_rest_of_the_address():
    assert 'href="?a=1&amp;before=7"' in rendered("{% paginate 7 %}")
    assert rendered("{% paginate None %}") == ""
    assert rendered("{% query_replace before=None %}") == "?a=1"


def test_a_key_is_drawn_as_it_stands_on_the_keyboard():
    assert keys.signs("r") == ["r"]
    assert keys.signs("mod+k") == ["Ctrl ⌘", "K"]
    assert keys.signs("?") == ["?"]


def test_no_key_does_two_things():
    pressed = [press for group in keys.groups() for key in group.keys for press in key.alternatives]

    assert len(pressed) == len(set(pressed))
