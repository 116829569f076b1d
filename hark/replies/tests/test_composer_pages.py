"""Replying, as an agent does it: with plain forms, and as htmx sends them."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from hark.cases.models import Case
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.channels.models import Account
from hark.channels.networks.practice.adapter import Practice
from hark.journeys import reply as journey
from hark.replies.actions import draft_of
from hark.replies.models import Draft, Reply, ReplyFile


def picture(name: str = "wheel.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


@pytest.fixture
def case(practice):
    practice.says("maya", "My pushchair came off the belt broken")
    return only_case()


def answer(pages: Pages, case: Case, text: str, *, to: str = "public", htmx: bool = False, **more):
    values = {"text": text, "to": to, "seen_version": case.version} | more
    return pages.post(f"cases/{case.pk}/reply/", htmx=htmx, **values)


def test_an_agent_answers_in_public_without_any_script(case, tomas):
    pages = Pages(tomas)
    html = pages.get(f"cases/{case.pk}/").content.decode()
    assert "composer--public" in html
    assert "Reply in public" in html
    assert "Everyone on Practice can read this" in html

    sent = answer(pages, case, "On it, Maya!")
    reply = Reply.objects.get()
    assert sent.status_code == 302
    assert sent["Location"].endswith(f"#reply-{reply.pk}")
    assert (reply.private, reply.text, reply.author) == (False, "On it, Maya!", tomas)
    page = pages.reads(f"cases/{case.pk}/")
    assert "Leaves in a moment" in page
    assert "Take it back" in page


def test_a_window_closes_private_answers_and_no_public_ones(practice, tomas, monkeypatch):
    practice.says("maya", "Broken")
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm")
    case = only_case()
    can = replace(Practice.can, window=timedelta(hours=48))
    monkeypatch.setattr(Practice, "can", can)
    pages = Pages(tomas)
    case.messages.update(published_at=timezone.now() - timedelta(hours=47))
    over = "The time in which Practice lets a business answer is over: 48 hours"
    assert over not in pages.reads(f"cases/{case.pk}/", to="private")
    case.messages.update(published_at=timezone.now() - timedelta(hours=49))
    assert over in pages.reads(f"cases/{case.pk}/", to="private")
    assert over not in pages.reads(f"cases/{case.pk}/", to="public")


def test_where_a_template_still_leaves_after_the_window_its_price_is_said(practice, tomas):
    practice.says("maya", "Where is it?", private=True, thread="dm")
    page, case = Pages(tomas), only_case()
    case.messages.update(published_at=timezone.now() - timedelta(hours=30))
    account = Account.objects.get()
    account.channel = "whatsapp"
    account.save()
    assert "The time in which WhatsApp lets a business answer is over" in page.reads(f"cases/{case.pk}/")
    account.settings = {"template": "we_are_back"}
    account.save()
    shown = page.reads(f"cases/{case.pk}/")
    assert "this leaves as your approved template “we_are_back”, for which WhatsApp charges" in shown
    assert "Send privately" in shown


def test_the_frame_the_icon_and_the_button_say_where_the_words_will_appear(practice, tomas):
    practice.says("maya", "Broken")
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm")
    case = Case.objects.get()
    pages = Pages(tomas)
    private = pages.get(f"cases/{case.pk}/", to="private").content.decode()
    assert "composer--private" in private
    assert "Send privately" in private
    assert "Only Maya can read this" in private
    assert "Reply in public</button>" not in private
    public = pages.get(f"cases/{case.pk}/", to="public").content.decode()
    assert "composer--public" in public
    assert "Send privately</button>" not in public


def test_the_composer_opens_where_the_customer_spoke_last(practice, tomas):
    practice.says("maya", "Broken")
    practice.says("maya", "Booking TWY-4X2", private=True, thread="dm")
    assert "composer--private" in Pages(tomas).get(f"cases/{only_case().pk}/").content.decode()


def test_drafts_are_kept_as_typed_for_each_place_and_each_member(case, tomas, ines):
    pages = Pages(tomas)
    assert pages.post(f"cases/{case.pk}/draft/", text="Dear Maya, I", to="public").status_code == 204
    assert pages.post(f"cases/{case.pk}/draft/", text="Between us", to="private").status_code == 204

    assert "Dear Maya, I" in pages.get(f"cases/{case.pk}/").content.decode()
    assert "Draft restored" in pages.reads(f"cases/{case.pk}/")
    assert "Dear Maya, I" not in Pages(ines).get(f"cases/{case.pk}/").content.decode()
    assert draft_of(case, tomas, True) == "Between us"
    pages.post(f"cases/{case.pk}/draft/", text="   ", to="public")
    assert Draft.objects.filter(private=False).count() == 0


def test_a_reply_is_taken_back_and_its_words_are_a_draft_again(case, tomas):
    pages = Pages(tomas)
    answer(pages, case, "Sent too soon")
    reply = Reply.objects.get()
    back = pages.post(f"replies/{reply.pk}/take-back/")
    assert back.status_code == 302
    assert Reply.objects.get().state == Reply.State.WITHDRAWN
    page = pages.get(f"cases/{case.pk}/").content.decode()
    assert "Sent too soon</textarea>" in page
    assert "took a reply back before it left" in page
    assert pages.post(f"replies/{reply.pk}/take-back/", htmx=True).status_code == 422


def test_words_typed_meanwhile_survive_taking_back(case, tomas):
    pages = Pages(tomas)
    answer(pages, case, "First thought")
    pages.post(f"replies/{Reply.objects.get().pk}/take-back/", htmx=True, text="Second thought", to="public")
    assert draft_of(case, tomas, False) == "First thought\n\nSecond thought"


@pytest.mark.parametrize("htmx", [False, True])
def test_the_second_of_two_agents_is_stopped_and_sees_why(case, tomas, ines, htmx):
    journey.queue(
        case, by=ines, private=False, text="New wheels wait at the desk.", seen_version=case.version
    )
    pages = Pages(tomas)
    stopped = answer(pages, case, "I will look into it", htmx=htmx)

    assert stopped.status_code == 422
    html = stopped.content.decode()
    assert "Ines is answering right now." in html
    assert "New wheels wait at the desk." in html
    assert "I will look into it</textarea>" in html
    assert "Reply in public anyway" in html
    assert Reply.objects.count() == 1

    assert answer(pages, case, "I will look into it", confirmed="on").status_code == 302
    assert Reply.objects.count() == 2


def test_something_new_from_the_customer_is_shown_before_the_answer_leaves(practice, case, tomas):
    seen = case.version
    practice.says("maya", "Forget it, solved", parent="m1", thread="m1")
    stopped = answer(Pages(tomas), case, "We are looking", seen_version=seen)
    assert stopped.status_code == 422
    assert "The customer has written something new." in words_of(stopped)
    assert "Forget it, solved" in words_of(stopped)


def test_what_the_page_has_shown_by_now_counts_as_read_but_a_colleagues_answer_does_not(
    practice, case, tomas, ines
):
    pages, seen = Pages(tomas), case.version
    practice.says("maya", "Are you there?", parent="m1", thread="m1")
    shown = pages.get(f"cases/{case.pk}/thread/", htmx=True, seen_version=seen).content.decode()
    case.refresh_from_db()
    assert f'name="seen_version" value="{case.version}"' in shown
    assert case.version > seen

    before = case.version
    case.messages.create(
        brand=case.brand, thread=case.messages.first().thread, account_id_at=practice.account.pk, external_id="ours",
        outbound=True, member=ines, text="Here I am", published_at=case.opened_at,
    )  # fmt: skip
    Case.objects.update(version=before + 1)
    shown = pages.get(f"cases/{case.pk}/thread/", htmx=True, seen_version=before).content.decode()
    assert f'name="seen_version" value="{before}"' in shown
    assert "Ines has just answered." in words_of(answer(pages, case, "Me too", seen_version=before))


def test_ones_own_answer_that_left_meanwhile_stops_nobody(case, tomas):
    pages, seen = Pages(tomas), case.version
    case.messages.create(
        brand=case.brand, thread=case.messages.first().thread, account_id_at=1, external_id="ours",
        outbound=True, member=tomas, text="First part", published_at=case.opened_at,
    )  # fmt: skip
    Case.objects.update(version=seen + 1)
    assert answer(pages, case, "Second part", seen_version=seen).status_code == 302


def test_a_refusal_says_why_and_offers_the_way_on(case, tomas):
    pages = Pages(tomas)
    answer(pages, case, "Too late")
    Reply.objects.update(state=Reply.State.REFUSED, failure="The post is gone.", attempts=1)
    page = pages.reads(f"cases/{case.pk}/thread/")
    assert "Practice refused it. The post is gone. Your words are kept." in page
    assert "Try again" in page
    assert "Edit" in page
    assert pages.post(f"replies/{Reply.objects.get().pk}/try-again/").status_code == 302
    assert Reply.objects.get().state == Reply.State.QUEUED


def test_every_state_of_a_reply_is_shown_honestly(case, tomas):
    pages = Pages(tomas)
    answer(pages, case, "Words")
    said = {
        "sending": "Being sent",
        "unsure": "It may be out there.",
        "held": "must be connected anew",
        "withdrawn": "took a reply back",
    }
    for state, words in said.items():
        Reply.objects.update(state=state, attempts=1)
        assert words in pages.reads(f"cases/{case.pk}/thread/"), state


def test_what_can_not_be_sent_is_kept_with_the_reason(case, tomas):
    pages = Pages(tomas)
    empty = answer(pages, case, "   ")
    assert empty.status_code == 422
    assert "There is nothing to send yet." in words_of(empty)
    broken = pages.post(f"cases/{case.pk}/reply/", text="My words", to="everywhere", seen_version="x")
    assert broken.status_code == 422
    assert "My words" in broken.content.decode()
    assert not Reply.objects.exists()


def test_a_place_that_can_not_be_written_to_says_so_and_holds_no_button(practice, tomas):
    practice.says("maya", "Only between us", private=True, thread="dm")
    html = Pages(tomas).get(f"cases/{only_case().pk}/", to="public").content.decode()
    assert "The customer has written only in private" in html
    assert "Everyone on" not in html
    assert 'type="submit" data-send' not in html


def test_a_long_text_shows_the_posts_it_becomes(case, tomas):
    text = "This is one of many sentences that belong together. " * 20
    pages = Pages(tomas)
    shown = pages.post(f"cases/{case.pk}/preview/", htmx=True, text=text, to="public")
    assert "It leaves as 3 posts" in words_of(shown)
    answer(pages, case, text)
    assert Reply.objects.count() == 3


def test_the_preview_tells_links_and_names_apart(case, tomas):
    shown = Pages(tomas).post(
        f"cases/{case.pk}/preview/",
        htmx=True,
        to="public",
        text="Hi @maya see https://ternway.example/help #care <b>",
    )
    html = shown.content.decode()
    assert '<span class="facet">@maya</span>' in html
    assert '<a href="https://ternway.example/help"' in html
    assert "&lt;b&gt;" in html


def test_without_script_the_preview_keeps_the_draft_and_comes_back(case, tomas):
    back = Pages(tomas).post(f"cases/{case.pk}/draft/", text="Half a sentence", to="public", back="1")
    assert back.status_code == 302
    assert draft_of(case, tomas, False) == "Half a sentence"


def test_a_picture_goes_along_with_words_about_it(case, tomas, settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    pages = Pages(tomas)
    assert (
        pages.post(f"cases/{case.pk}/pictures/", picture=picture(), text="Look:", to="public").status_code
        == 302
    )
    file = ReplyFile.objects.get()
    page = pages.get(f"cases/{case.pk}/").content.decode()
    assert f'name="alt-{file.pk}"' in page
    assert "Look:</textarea>" in page
    assert pages.get(f"pictures/{file.pk}/")["Content-Type"] == "image/png"

    answer(pages, case, "Look:", **{f"alt-{file.pk}": "A new wheel"})
    file.refresh_from_db()
    assert file.alt == "A new wheel"
    assert file.reply == Reply.objects.get()


def test_what_is_no_picture_is_refused_and_the_words_stay(case, tomas):
    pages = Pages(tomas)
    sly = SimpleUploadedFile("virus.png", b"MZ not a picture", "image/png")
    refused = pages.post(f"cases/{case.pk}/pictures/", htmx=True, picture=sly, text="My words", to="public")
    assert refused.status_code == 422
    assert "not a picture that can be read" in words_of(refused)
    assert "My words</textarea>" in refused.content.decode()


def test_a_picture_not_sent_yet_is_its_authors_alone(case, tomas, ines, settings, tmp_path):
    settings.HARK_MEDIA = tmp_path
    Pages(tomas).post(f"cases/{case.pk}/pictures/", picture=picture(), text="", to="public")
    file = ReplyFile.objects.get()
    assert Pages(ines).get(f"pictures/{file.pk}/").status_code == 404
    assert Pages(ines).post(f"pictures/{file.pk}/remove/").status_code == 404
    assert Pages(tomas).post(f"pictures/{file.pk}/remove/", to="public").status_code == 302
    assert not ReplyFile.objects.exists()


def test_an_account_that_must_be_renewed_is_said_before_writing(case, practice, tomas):
    Account.objects.update(health=Account.Health.RECONNECT)
    assert "What you send is kept, and leaves after that." in Pages(tomas).reads(f"cases/{case.pk}/")


def test_replies_of_another_brand_can_not_be_touched(case, tomas, ruth):
    answer(Pages(tomas), case, "Ours")
    reply = Reply.objects.get()
    for brand in ("ternway", "nordhav"):
        pages = Pages(ruth, brand)
        assert pages.post(f"replies/{reply.pk}/take-back/").status_code == 404
        assert pages.post(f"replies/{reply.pk}/try-again/").status_code == 404
        assert pages.post(f"cases/{case.pk}/reply/", text="x", to="public", seen_version=0).status_code == 404


def test_sent_words_are_corrected_and_taken_down_where_the_network_can(case, tomas, monkeypatch):
    from hark.channels.base import Receipt
    from hark.channels.networks.practice.adapter import Practice

    monkeypatch.setattr(Practice, "send", lambda self, connection, reply: Receipt(f"out-{reply.key}"))
    monkeypatch.setattr(
        Practice, "edit", lambda self, connection, external_id, text, facts: Receipt(external_id)
    )
    monkeypatch.setattr(Practice, "withdraw", lambda self, connection, external_id, facts: None)
    pages = Pages(tomas)
    answer(pages, case, "We brake it")
    Reply.objects.update(due_at=case.opened_at)
    journey.deliver()
    message = Reply.objects.get().message

    assert "We brake it" in pages.get(f"messages/{message.pk}/correct/").content.decode()
    assert pages.post(f"messages/{message.pk}/correct/", text="It came off broken").status_code == 302
    page = pages.reads(f"cases/{case.pk}/thread/")
    assert "It came off broken" in page
    assert "What it said before" in page
    assert pages.post(f"messages/{message.pk}/take-down/").status_code == 302
    assert "Taken down by us" in pages.reads(f"cases/{case.pk}/thread/")


def test_sending_with_htmx_gives_a_fresh_composer_and_tells_the_page(case, tomas):
    sent = answer(Pages(tomas), case, "On it", htmx=True)
    html = sent.content.decode()
    assert sent.status_code == 200
    assert "hark:done" in sent["HX-Trigger"]
    assert "HX-Reswap" not in sent
    assert 'hx-swap-oob="beforeend:#toasts"' in html
    assert "On it</textarea>" not in html
