"""A case, as it is read and worked on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hark.cases import actions, arc
from hark.cases.models import Case, Event, Message, Note, Regrouping
from hark.journeys import reply as replies

from .pages import Pages, only_case, words_of


@pytest.fixture
def maya(practice):
    """Maya writes in public, Piet joins, then she writes in private."""
    first = practice.says(
        "maya",
        "My pushchair came off the belt broken https://pics.example/1 @ternway",
        url="https://net.example/1",
    )
    practice.says("piet", "Same belt, same day", parent=first["id"], thread=first["id"])
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm-maya")
    return Case.objects.get(snippet="Booking TWY-4X2")


def test_public_and_private_never_look_alike(maya, tomas):
    html = Pages(tomas).get(f"cases/{maya.pk}/").content.decode()
    public, private = html.split('<section class="private"')
    assert "My pushchair came off the belt" in public
    assert "Same belt, same day" in public
    assert "joined the thread" in public
    assert "Booking TWY-4X2" in private
    assert 'class="bubble"' in private


def test_a_link_of_a_customer_is_a_link_and_never_markup(practice, tomas):
    practice.says(
        "mallory",
        '<script>alert(1)</script> "onmouseover=x https://evil.example/?a="><b> javascript:alert(1)',
    )
    html = Pages(tomas).get(f"cases/{only_case().pk}/").content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'rel="nofollow noopener noreferrer ugc"' in html
    assert 'href="javascript' not in html


def test_the_page_asks_the_same_number_of_questions_however_long_the_thread(
    practice, tomas, django_assert_num_queries, django_assert_max_num_queries
):
    first = practice.says("maya", "Start")
    practice.says("maya", "secret", private=True, thread="dm")
    case = Case.objects.get()
    pages = Pages(tomas)
    pages.get(f"cases/{case.pk}/")  # reads it
    with django_assert_max_num_queries(45) as few:
        pages.get(f"cases/{case.pk}/")
    for number in range(30):
        practice.says("maya", f"More {number}", thread=first["id"])
        practice.says(f"other{number}", f"Me too {number}", thread=first["id"], parent=first["id"])
    case.refresh_from_db()
    actions.mark_read(case)
    with django_assert_num_queries(len(few.captured_queries)):
        pages.get(f"cases/{case.pk}/")


def test_a_long_thread_shows_its_newest_end_and_leads_back(practice, tomas):
    first = practice.says("maya", "Number 000")
    for number in range(1, 70):
        practice.says("maya", f"Number {number:03d}", thread=first["id"])
    case = only_case()
    pages = Pages(tomas)
    newest = pages.get(f"cases/{case.pk}/")
    section = newest.context["conversation"].public
    earlier = pages.reads(f"cases/{case.pk}/", public_before=section.earlier)

    assert len(section.items) == 50
    assert "Number 069" in words_of(newest)
    assert "Show earlier" in words_of(newest)
    assert "Number 000" in earlier
    assert "Number 019" in earlier
    assert "To the newest" in earlier


def test_a_deep_link_finds_a_message_however_far_back(practice, tomas):
    first = practice.says("maya", "Number 000")
    for number in range(1, 70):
        practice.says("maya", f"Number {number:03d}", thread=first["id"])
    message = Message.objects.get(text="Number 003")
    html = Pages(tomas).get(f"cases/{only_case().pk}/", message=message.pk).content.decode()
    assert f'id="message-{message.pk}" data-target' in html


def test_edits_show_what_was_said_before_and_deletions_show_nothing(practice, tomas):
    first = practice.says("maya", "I will sue you")
    practice.says("maya", "second thing")
    practice.delivers(
        {
            **first,
            "key": "edit1",
            "type": "edit",
            "version": 2,
            "text": "I am disappointed",
            "at": practice.now.isoformat(),
        }
    )
    case = only_case()
    pages = Pages(tomas)
    assert "I am disappointed" in pages.reads(f"cases/{case.pk}/")
    assert "I will sue you" in pages.reads(f"cases/{case.pk}/")
    assert "edited" in pages.reads(f"cases/{case.pk}/")

    practice.delivers({"key": "del1", "id": first["id"], "type": "delete", "at": practice.now.isoformat()})
    gone = pages.reads(f"cases/{case.pk}/thread/")
    assert "disappointed" not in gone
    assert "Taken down by its author" in gone


def test_opening_a_case_marks_it_read_only_for_those_who_work_on_it(practice, vera, tomas):
    practice.says("maya", "Broken")
    Pages(vera).get(f"cases/{only_case().pk}/")
    assert only_case().unread
    Pages(tomas).get(f"cases/{only_case().pk}/")
    assert not only_case().unread


def test_the_arc_shows_what_is_done_and_makes_the_next_step_the_button(maya, tomas):
    arc.reach(maya, Case.Arc.ACKNOWLEDGED, by=tomas)
    html = Pages(tomas).get(f"cases/{maya.pk}/header/").content.decode()
    assert html.count('class="arc__step"') == 4
    assert html.count("button--next") == 1
    assert 'data-key="e"' in html  # private was reached by Maya's own message, so resolving is next


def test_a_step_is_skipped_only_with_a_reason(practice, tomas):
    practice.says("maya", "Broken")
    case = only_case()
    pages = Pages(tomas)
    refused = pages.post(f"cases/{case.pk}/skip/1/", reason="  ")
    assert refused.status_code == 422
    assert pages.post(f"cases/{case.pk}/skip/1/", reason="She called us meanwhile").status_code == 302
    assert "skipped" in pages.reads(f"cases/{case.pk}/header/")
    assert pages.post(f"cases/{case.pk}/skip/9/", reason="no such step").status_code == 422
    assert Event.objects.get(kind=Event.Kind.STEP_SKIPPED).why == "She called us meanwhile"


@pytest.mark.parametrize("htmx", [False, True])
def test_deeds_are_done_with_and_without_script(practice, tomas, ines, htmx):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)

    def do(deed: str, /, **values):
        answer = pages.post(f"cases/{case.pk}/{deed}/", htmx=htmx, **values)
        assert answer.status_code == (200 if htmx else 302), answer.content.decode()
        if htmx:
            assert "hark:done" in answer["HX-Trigger"]

    do("assign", to=str(ines.pk), why="she knows Bergen")
    do("priority", priority="1", why="a child is with her")
    do("tags", name="Baggage")
    do("subject", subject="Pushchair frame snapped")
    do("note", text="Belt 3 jammed")
    do("snooze", preset="hour", until="", reason="workshop")
    do("wake")
    case.refresh_from_db()

    assert (case.assignee, case.priority, case.subject, case.state) == (ines, 1, "Pushchair frame snapped", 0)
    assert [tag.name for tag in case.tags.all()] == ["Baggage"]
    page = pages.reads(f"cases/{case.pk}/")
    assert "set by hand by Tomas: a child is with her" in page
    assert "Belt 3 jammed" in page
    do(f"tags/{case.tags.get().pk}/remove")
    history = pages.reads(f"cases/{case.pk}/history/")
    assert "gave the case to Ines Faria" in history
    do("assign", to=tomas.pk, why="")
    assert "Tomas Oliveira took the case" in pages.reads(f"cases/{case.pk}/history/")
    assert "changed the priority from normal to urgent" in history
    assert "took the tag “Baggage” off" in history


def test_a_mistake_in_a_deed_keeps_what_was_typed(practice, tomas):
    practice.says("maya", "Broken")
    pages = Pages(tomas)
    answer = pages.post(
        f"cases/{only_case().pk}/snooze/", preset="own", until="yesterday", reason="the workshop calls back"
    )
    assert answer.status_code == 422
    assert "the workshop calls back" in answer.content.decode()
    assert only_case().state == Case.State.WAITING
    gone = pages.post(f"cases/{only_case().pk}/assign/", to="99999", why="who")
    assert gone.status_code == 422


def test_snoozing_follows_the_clock_of_whoever_looks(practice, tomas):
    tomas.user.time_zone = "Asia/Tokyo"
    tomas.user.save()
    practice.says("maya", "Broken")
    Pages(tomas).post(f"cases/{only_case().pk}/snooze/", preset="own", until="2099-05-01T09:00", reason="")
    until = only_case().snoozes.get().until
    assert until.isoformat() == "2099-05-01T00:00:00+00:00"


def test_colleagues_see_who_reads_and_who_writes(practice, tomas, ines):
    practice.says("maya", "Broken")
    case = only_case()
    Pages(ines).post(f"cases/{case.pk}/look/", writing="1")
    pages = Pages(tomas)
    assert "Ines is writing" in pages.reads(f"cases/{case.pk}/header/")
    Pages(ines).post(f"cases/{case.pk}/leave/")
    assert "Ines" not in pages.reads(f"cases/{case.pk}/header/")


def test_why_here_is_answered_by_facts(maya, tomas, ines):
    actions.assign(maya, tomas, by=ines, why="he speaks Swedish")
    page = Pages(tomas).reads(f"cases/{maya.pk}/")
    assert "because @ternway was mentioned on Practice." in page
    assert "assigned by Ines: he speaks Swedish" in page
    assert "a first answer within 30 minutes is the target" in page


def test_a_viewer_reads_everything_and_changes_nothing(maya, vera):
    pages = Pages(vera)
    html = pages.get(f"cases/{maya.pk}/").content.decode()
    assert "Booking TWY-4X2" in html
    assert "care-composer" not in html
    for name in ("assign", "snooze", "wake", "priority", "team", "tags", "subject", "note", "skip/1", "resolve", "close",
                 "close-silently", "reopen", "join", "split", "look", "leave", "reply", "draft", "move", "pictures"):  # fmt: skip
        assert pages.post(f"cases/{maya.pk}/{name}/").status_code == 403, name
    assert not Note.objects.exists()


def test_a_partner_answers_with_a_note_and_nothing_else(maya, pia, ines):
    actions.write_note(maya, "@pia is the belt repaired?", by=ines)
    pages = Pages(pia)
    page = pages.reads(f"cases/{maya.pk}/")
    assert "Answer with a note" in page
    assert "Reply in public" not in page
    assert pages.post(f"cases/{maya.pk}/note/", text="Repaired at noon").status_code == 302
    assert (
        pages.post(f"cases/{maya.pk}/reply/", text="Hello", to="public", seen_version="0").status_code == 403
    )


def test_two_cases_are_joined_and_taken_apart(practice, tomas):
    practice.says("maya", "Broken")
    practice.says("ruud", "Also broken")
    maya, ruud = Case.objects.order_by("id")
    pages = Pages(tomas)
    assert pages.post(f"cases/{ruud.pk}/join/", into="99999").status_code == 422
    assert pages.post(f"cases/{ruud.pk}/join/", into="not a number").status_code == 422
    joined = pages.post(f"cases/{ruud.pk}/join/", into=f"#{maya.pk}")
    assert joined["Location"].startswith(f"/b/ternway/cases/{maya.pk}/")

    page = pages.reads(f"cases/{maya.pk}/")
    assert "Also broken" in page
    assert f"joined case #{ruud.pk} into this one" in page
    assert pages.get(f"cases/{ruud.pk}/").status_code == 302

    row = Regrouping.objects.get()
    assert pages.post(f"cases/{maya.pk}/regrouping/{row.pk}/undo/").status_code == 302
    assert "Also broken" not in pages.reads(f"cases/{maya.pk}/thread/")


def test_messages_are_split_off_into_a_case_of_their_own(practice, tomas):
    first = practice.says("maya", "Broken pushchair")
    practice.says("maya", "And where is my invoice?", thread=first["id"])
    case, pages = only_case(), Pages(tomas)
    assert "Choose at least one message." in words_of(pages.post(f"cases/{case.pk}/split/"))
    message = Message.objects.get(text__startswith="And where")
    assert pages.post(f"cases/{case.pk}/split/", message=message.pk).status_code == 302
    assert Message.objects.get(pk=message.pk).case_id != case.pk


def test_resolve_close_the_book_and_reopen(practice, tomas):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)
    early = pages.post(f"cases/{case.pk}/resolve/", note="")
    assert early.status_code == 422
    assert "First: acknowledged" in words_of(early)

    arc.reach(case, Case.Arc.ACKNOWLEDGED, by=tomas)
    pages.post(f"cases/{case.pk}/skip/2/", reason="Nothing private in it")
    assert pages.post(f"cases/{case.pk}/resolve/", note="New wheels sent").status_code == 302
    assert "I’m glad that this is settled" in pages.reads(f"cases/{case.pk}/close/")

    stale = pages.post(f"cases/{case.pk}/close/", text="", seen_version="0")
    assert stale.status_code == 422
    case.refresh_from_db()
    assert (
        pages.post(
            f"cases/{case.pk}/close/", text="All well again, Maya!", seen_version=case.version
        ).status_code
        == 302
    )
    reply = case.replies.get()
    assert (reply.purpose, reply.private, reply.text) == ("closing", False, "All well again, Maya!")


def test_a_case_closed_unanswered_carries_a_reason_and_a_name(practice, tomas):
    practice.says("maya", "Buy followers now")
    case, pages = only_case(), Pages(tomas)
    assert "Close without an answer" in pages.reads(f"cases/{case.pk}/close-silently/")
    assert pages.post(f"cases/{case.pk}/close-silently/", reason="").status_code == 422
    assert pages.post(f"cases/{case.pk}/close-silently/", reason="Advertising").status_code == 302
    assert Event.objects.get(kind=Event.Kind.CLOSED_UNANSWERED).member == tomas
    assert pages.post(f"cases/{case.pk}/reopen/", reason="It was not").status_code == 302
    assert only_case().is_waiting


def test_media_go_only_to_those_who_may_read_the_case(practice, tomas, ruth, pia, settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    (tmp_path / "a.svg").write_text("<svg/>")
    (tmp_path.parent / "outside.txt").write_text("no")
    practice.says("maya", "Broken")
    message = Message.objects.get()
    picture = message.media.create(
        kind="image", url="https://x.example/a", stored="a.svg", content_type="image/svg+xml"
    )
    sly = message.media.create(
        kind="file", url="https://x.example/b", stored="../outside.txt", content_type="text/plain"
    )

    answer = Pages(tomas).get(f"media/{picture.pk}/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")  # it could run as a page
    assert Pages(tomas).get(f"media/{sly.pk}/").status_code == 404
    assert Pages(pia).get(f"media/{picture.pk}/").status_code == 404
    assert Pages(ruth).get(f"media/{picture.pk}/").status_code == 404
    assert Pages(ruth, "nordhav").get(f"media/{picture.pk}/").status_code == 404


def test_private_words_of_another_case_stay_out_of_a_shared_thread(practice, tomas):
    first = practice.says("maya", "Public matter")
    practice.says("piet", "Me too", thread=first["id"], parent=first["id"])
    practice.says("piet", "my card number", private=True, thread="dm-piet")
    maya = Case.objects.get(person__name="Maya")
    assert "Me too" in Pages(tomas).reads(f"cases/{maya.pk}/")
    assert "my card number" not in Pages(tomas).reads(f"cases/{maya.pk}/thread/")


def test_a_colleagues_answer_on_its_way_is_seen_by_all(practice, tomas, ines):
    practice.says("maya", "Broken")
    case = only_case()
    replies.queue(case, by=ines, private=False, text="On it!", seen_version=case.version)
    page = Pages(tomas).reads(f"cases/{case.pk}/thread/")
    assert "On it!" in page
    assert "Leaves in a moment" in page
    assert timezone.now() - case.replies.get().queued_at < timedelta(minutes=1)
