"""The queue, as those who work in it see it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hark.cases import actions
from hark.cases.models import Case

from .pages import Pages, only_case


@pytest.fixture
def crowd(practice):
    """Forty people wait, the first of them longest."""
    for number in range(40):
        practice.says(f"person{number:02d}", f"Parcel {number:02d} is late", lang="en")
    return practice


def names(answer) -> list[str]:
    return [case.snippet for case in answer.context["page"].rows]


def test_the_queue_leads_with_what_hurts_next(practice, tomas):
    practice.says("maya", "Pushchair broken")
    practice.says("ruud", "Nobody answers the phone")
    second = Case.objects.order_by("id")[1]
    actions.set_priority(second, Case.Priority.URGENT, by=tomas)

    answer = Pages(tomas).get("queue/")

    assert names(answer) == ["Nobody answers the phone", "Pushchair broken"]
    assert {view.name: count for view, count in answer.context["tabs"]} == {
        "mine": 0, "team": 2, "unassigned": 2,
    }  # fmt: skip


def test_pages_of_the_queue_go_both_ways_and_miss_nobody(crowd, tomas):
    pages = Pages(tomas)
    first = pages.get("queue/", view="team")
    second = pages.get("queue/", view="team", after=first.context["page"].after)
    back = pages.get("queue/", view="team", before=second.context["page"].before)

    assert len(names(first)) == 25
    assert len(names(second)) == 15
    assert sorted(names(first) + names(second)) == sorted(f"Parcel {n:02d} is late" for n in range(40))
    assert names(back) == names(first)
    assert second.context["page"].after == ""
    assert back.context["page"].before == ""


def test_the_number_of_queries_does_not_grow_with_the_queue(
    practice, tomas, django_assert_num_queries, django_assert_max_num_queries
):
    practice.says("maya", "One")
    pages = Pages(tomas)
    with django_assert_max_num_queries(16) as few:
        pages.get("queue/", view="team")
    for number in range(30):
        practice.says(f"person{number}", f"Number {number}")
    for case in Case.objects.all()[:10]:
        actions.add_tag(case, "baggage", by=tomas)
        actions.assign(case, tomas, by=tomas)
    with django_assert_num_queries(len(few.captured_queries)):
        pages.get("queue/", view="team")


def test_a_meddled_cursor_starts_at_the_head(crowd, tomas):
    pages = Pages(tomas)
    for cursor in ("x", "%%%", "MjAyNg", "MjAyNi0wMS0wNXwx", "9" * 500):
        assert names(pages.get("queue/", view="team", after=cursor))[0] == "Parcel 00 is late"


def test_filters_narrow_and_nonsense_narrows_to_nothing(practice, tomas):
    practice.says("maya", "Kapot", lang="nl")
    practice.says("ruud", "Broken", lang="en")
    maya = Case.objects.get(snippet="Kapot")
    tag = actions.add_tag(maya, "baggage", by=tomas)
    pages = Pages(tomas)

    assert names(pages.get("queue/", lang="nl")) == ["Kapot"]
    assert names(pages.get("queue/", tag=tag.pk)) == ["Kapot"]
    assert names(pages.get("queue/", account=practice.account.pk)) == ["Kapot", "Broken"]
    assert names(pages.get("queue/", place="private")) == []
    assert names(pages.get("queue/", assignee="none")) == ["Kapot", "Broken"]
    for name in ("tag", "priority", "account", "assignee"):
        for value in ("x", "-1", "9" * 40, "1 or 1=1"):
            assert names(pages.get("queue/", **{name: value})) == []
    assert "Nothing fits all of that." in pages.reads("queue/", tag="999999")


def test_what_narrows_the_queue_comes_when_it_is_opened(practice, tomas):
    """Nobody waits for lists of tags and colleagues that are not looked at; whoever narrowed sees by what."""
    practice.says("maya", "Kapot", lang="nl")
    tag = actions.add_tag(Case.objects.get(), "baggage", by=tomas)
    pages = Pages(tomas)

    assert "baggage" not in html(pages, "queue/", view="mine")
    later = html(pages, "queue/", view="mine", part="filters")
    assert later.startswith("<form")
    assert f'<option value="{tag.pk}">baggage' in later
    assert 'name="view" value="mine"' in later
    assert f'<option value="{tag.pk}" selected>baggage' in html(pages, "queue/", tag=tag.pk)
    assert '<details class="filters" id="filters" open>' in html(
        pages, "queue/", filters="open"
    )  # without scripts


def html(pages: Pages, path: str, **query: object) -> str:
    return pages.get(path, **query).content.decode()


def test_views_hold_what_they_say(practice, tomas, ines):
    for who in ("a", "b", "c", "d"):
        practice.says(who, f"From {who}")
    a, b, c = Case.objects.order_by("id")[:3]
    actions.assign(a, tomas, by=ines)
    actions.snooze(b, timezone.now() + timedelta(hours=1), by=tomas)
    Case.objects.filter(pk=c.pk).update(state=Case.State.RESOLVED)
    pages = Pages(tomas)

    assert names(pages.get("queue/", view="mine")) == ["From a"]
    assert names(pages.get("queue/", view="unassigned")) == ["From d"]
    assert names(pages.get("queue/", view="snoozed")) == ["From b"]
    assert names(pages.get("queue/", view="resolved")) == ["From c"]
    assert names(pages.get("queue/", view="closed")) == []
    assert "Back" in pages.reads("queue/", view="snoozed")
    assert names(pages.get("queue/", view="no such view")) == ["From a", "From d"]


def test_an_empty_queue_is_a_small_celebration(ternway, tomas):
    assert "Nobody is waiting" in Pages(tomas).reads("queue/")
    assert "Nobody waits for you" in Pages(tomas).reads("queue/", view="mine")


def test_the_live_list_keeps_what_was_chosen_and_where_one_was(crowd, tomas):
    pages = Pages(tomas)
    case = Case.objects.order_by("hurts_at", "id")[3]
    answer = pages.get("queue/", view="team", part="list", case=case.pk, open=case.pk)
    html = answer.content.decode()

    assert "<html" not in html
    assert f'id="choose-{case.pk}" checked' in html
    assert html.count('aria-current="true"') == 2  # the tab, and the open row


def test_the_rail_counts_who_waits_longer_than_promised(practice, tomas):
    practice.says("maya", "Late since January")
    assert "1" in Pages(tomas).get("queue/late/").content.decode()
    Case.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert Pages(tomas).get("queue/late/").content.strip() == b""


def test_many_cases_are_assigned_at_once_and_given_back(crowd, tomas, ines):
    pages = Pages(ines)
    cases = list(Case.objects.order_by("id")[:3])
    actions.assign(cases[0], ines, by=ines)
    asked = pages.get("queue/chosen/", deed="assign", case=[case.pk for case in cases])
    assert "3 cases:" in asked.content.decode()

    done = pages.post(
        "queue/chosen/", deed="assign", case=[case.pk for case in cases], to=str(tomas.pk), why="holiday"
    )
    assert {case.assignee for case in Case.objects.filter(pk__in=[c.pk for c in cases])} == {tomas}

    undone = pages.post("queue/chosen/undo/", undo=done.context["undo"])
    assert undone.status_code == 200
    owners = [Case.objects.get(pk=case.pk).assignee for case in cases]
    assert owners == [ines, None, None]


def test_each_of_many_cases_says_what_became_of_it(practice, tomas):
    practice.says("maya", "Open")
    practice.says("ruud", "Closed already")
    opened, closed = Case.objects.order_by("id")
    Case.objects.filter(pk=closed.pk).update(state=Case.State.CLOSED)
    answer = Pages(tomas).post(
        "queue/chosen/",
        deed="snooze",
        case=[opened.pk, closed.pk],
        preset="hour",
        until="",
        reason="waiting for the depot",
    )

    problems = {outcome.case.pk: outcome.problem for outcome in answer.context["outcomes"]}
    assert problems[opened.pk] == ""
    assert problems[closed.pk] == "Only an open case can be snoozed."
    assert Case.objects.get(pk=opened.pk).state == Case.State.SNOOZED


def test_tags_are_taken_back_only_where_they_were_new(practice, tomas):
    practice.says("maya", "One")
    practice.says("ruud", "Two")
    had, new = Case.objects.order_by("id")
    actions.add_tag(had, "baggage", by=tomas)
    pages = Pages(tomas)
    done = pages.post("queue/chosen/", deed="tag", case=[had.pk, new.pk], name="Baggage")
    pages.post("queue/chosen/undo/", undo=done.context["undo"])

    assert [tag.name for tag in had.tags.all()] == ["baggage"]
    assert not new.tags.exists()


def test_a_forged_way_back_is_refused(practice, tomas):
    practice.says("maya", "One")
    answer = Pages(tomas).post("queue/chosen/undo/", undo="eyJmb3JnZWQiOjF9")
    assert answer.status_code == 422


def test_a_bulk_form_with_a_mistake_keeps_what_was_typed(practice, tomas):
    practice.says("maya", "One")
    answer = Pages(tomas).post(
        "queue/chosen/",
        deed="snooze",
        case=only_case().pk,
        preset="own",
        until="2020-01-01T09:00",
        reason="the depot",
    )
    assert answer.status_code == 422
    assert "That is in the past" in answer.content.decode()
    assert "the depot" in answer.content.decode()


def test_a_viewer_reads_and_chooses_nothing(practice, vera):
    practice.says("maya", "Broken")
    pages = Pages(vera)
    html = pages.get("queue/").content.decode()
    assert "Broken" in html
    assert 'type="checkbox" name="case"' not in html
    assert pages.get("queue/chosen/", deed="assign", case=only_case().pk).status_code == 403
    assert pages.post("queue/chosen/", deed="close", case=only_case().pk, reason="x").status_code == 403


def test_a_partner_sees_only_what_they_were_asked_about(practice, pia, ines):
    practice.says("maya", "Asked about")
    practice.says("ruud", "Not asked about")
    asked = Case.objects.get(snippet="Asked about")
    other = Case.objects.get(snippet="Not asked about")
    actions.write_note(asked, "@pia what does the workshop say?", by=ines)
    pages = Pages(pia)

    assert names(pages.get("queue/")) == ["Asked about"]
    assert pages.get(f"cases/{asked.pk}/").status_code == 200
    assert pages.get(f"cases/{other.pk}/").status_code == 404


def test_somebody_of_another_brand_finds_nothing_there(practice, ruth):
    practice.says("maya", "Broken")
    pages = Pages(ruth)
    for path in ("queue/", "queue/late/", "search/", f"cases/{only_case().pk}/", "people/"):
        assert pages.get(path).status_code == 404
