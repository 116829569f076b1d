"""A seat is offered by mail and taken once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hark.brands import actions, invitation_mail, invitations
from hark.brands.actions import NotPossible
from hark.brands.models import Invitation, Member, User
from hark.brands.tests.conftest import PASSWORD


@pytest.fixture
def mail_leaves(monkeypatch):
    monkeypatch.setattr(invitation_mail, "leaves", lambda: True)


def test_somebody_new_joins_from_a_mail(as_member, ines, client, mailbox, mail_leaves):
    page = as_member(ines).post(
        "/b/ternway/settings/invitations/", {"email": "Joan@ternway.example", "roles": ["agent"]}, follow=True
    )
    assert "Invited Joan@ternway.example" in page.text
    client.logout()

    link = mailbox.link()
    assert link not in page.text
    assert "Ines Faria offers joan@ternway.example a seat" in client.get(link).text
    client.post(link, {"name": "Joan Lund", "password": "three blue herons"})

    assert client.get("/")["Location"] == "/b/ternway/queue/"
    joan = Member.objects.get(user__email="joan@ternway.example")
    assert (joan.roles, joan.user.name, joan.user.time_zone) == (["agent"], "Joan Lund", "Europe/Lisbon")


def test_an_invitation_works_once(client, ines, ternway):
    _, path = actions.invite(ternway, "joan@ternway.example", ["agent"], by=ines)
    assert client.post(path, {"name": "Joan", "password": "three blue herons"}).status_code == 302
    client.logout()

    again = client.post(path, {"name": "Mallory", "password": "four black ravens"})
    assert (again.status_code, "accepted already" in again.text) == (410, True)
    assert User.objects.get(email="joan@ternway.example").name == "Joan"


def test_late_withdrawn_replaced_and_invented_links_say_so(client, ines, ternway):
    late, late_path = actions.invite(ternway, "a@x.example", ["agent"], by=ines)
    Invitation.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    gone, gone_path = actions.invite(ternway, "b@x.example", ["agent"], by=ines)
    actions.withdraw_invitation(gone)
    _, first_path = actions.invite(ternway, "c@x.example", ["agent"], by=ines)
    _, second_path = actions.invite(ternway, "c@x.example", ["viewer"], by=ines)

    for path, words in {
        late_path: "has ended",
        gone_path: "was withdrawn",
        first_path: "was withdrawn",
        "/invitation/made-up": "not an invitation",
    }.items():
        for answer in (client.get(path), client.post(path, {"name": "M", "password": "three blue herons"})):
            assert (answer.status_code, words in answer.text) == (410, True)
    assert client.get(second_path).status_code == 200
    assert not User.objects.filter(email__endswith="@x.example").exists()


def test_the_database_keeps_no_token(ines, ternway):
    invitation, path = actions.invite(ternway, "joan@ternway.example", ["agent"], by=ines)
    assert path.rsplit("/", 1)[1] not in str(Invitation.objects.filter(pk=invitation.pk).values())


def test_a_known_user_signs_in_first_and_then_takes_the_seat(client, ruth, ines, ternway):
    _, path = actions.invite(ternway, ruth.user.email, ["viewer"], by=ines)
    page = client.get(path).text
    assert "known here already" in page
    assert 'name="password"' not in page
    assert client.post(path, {"name": "x", "password": "three blue herons"}).status_code == 200
    assert not Member.objects.filter(user=ruth.user, brand=ternway).exists()

    client.force_login(ruth.user)
    assert client.post(path)["Location"] == "/b/ternway/queue/"
    assert Member.objects.get(user=ruth.user, brand=ternway).roles == ["viewer"]


def test_somebody_else_can_not_take_the_seat(client, ines, tomas, ternway):
    _, path = actions.invite(ternway, "joan@ternway.example", ["administrator"], by=ines)
    client.force_login(tomas.user)
    assert "You are signed in as tomas@ternway.example" in client.get(path).text
    assert client.post(path).status_code == 410
    assert Member.objects.get(pk=tomas.pk).roles == ["agent"]


def test_a_weak_password_is_refused_and_the_link_still_works(client, ines, ternway):
    _, path = actions.invite(ternway, "joan@ternway.example", ["agent"], by=ines)
    for password in ("short", "password1234", "joan@ternway.example"):
        assert client.post(path, {"name": "Joan", "password": password}).status_code == 422
    assert client.post(path, {"name": "Joan", "password": "three blue herons"}).status_code == 302


def test_without_outgoing_mail_the_link_is_shown_once_where_that_harms_nobody(
    as_member, ines, ternway, mailbox
):
    page = as_member(ines).post(
        "/b/ternway/settings/invitations/", {"email": "joan@ternway.example", "roles": ["agent"]}
    )
    assert mailbox.link() in page.text
    assert "/invitation/" not in as_member(ines).get("/b/ternway/settings/members/").text


def test_it_is_not_shown_where_several_brands_share_the_installation(as_member, ines, ruth, mailbox):
    """Whoever saw it could become the invited person, and be believed by the other brand."""
    page = as_member(ines).post(
        "/b/ternway/settings/invitations/",
        {"email": "joan@ternway.example", "roles": ["agent"]},
        follow=True,
    )
    assert mailbox.link() not in page.text
    assert "written to files on the server" in page.text


def test_a_member_is_not_invited_again(ines, tomas, ternway):
    with pytest.raises(NotPossible, match="member already"):
        actions.invite(ternway, "Tomas@Ternway.example", ["viewer"], by=ines)


def test_all_offers_to_a_proven_address_are_taken_together(ines, ruth, ternway, nordhav):
    actions.invite(ternway, "joan@x.example", ["agent"], by=ines)
    actions.invite(nordhav, "joan@x.example", ["viewer"], by=ruth)
    joan = actions.add_user("joan@x.example", password=PASSWORD)
    assert {seat.brand.slug: seat.roles for seat in invitations.accept_all(joan)} == {
        "ternway": ["agent"],
        "nordhav": ["viewer"],
    }
    assert invitations.accept_all(joan) == []
