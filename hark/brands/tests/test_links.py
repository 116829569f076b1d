"""One-time links: looking costs nothing, pressing the button uses them up."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone

from hark.brands import actions
from hark.brands.models import SignInLink


def test_a_link_signs_in_once_and_a_look_does_not_use_it_up(client, tomas):
    path = actions.sign_in_link(tomas.user)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert "_auth_user_id" not in client.session

    assert client.post(path)["Location"] == "/"
    assert client.get("/")["Location"] == "/b/ternway/queue/"
    assert client.session["_auth_user_id"] == str(tomas.user.pk)

    client.logout()
    assert "has been used" in client.get(path).text
    assert client.post(path).status_code == 410
    assert "_auth_user_id" not in client.session


def test_it_holds_for_a_quarter_of_an_hour(client, tomas):
    path = actions.sign_in_link(tomas.user)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert (client.post(path).status_code, "_auth_user_id" in client.session) == (410, False)
    assert "fifteen minutes" in client.get(path).text


def test_a_link_for_somebody_switched_off_is_closed(client, tomas):
    path = actions.sign_in_link(tomas.user)
    tomas.user.is_active = False
    tomas.user.save()
    assert client.post(path).status_code == 410


def test_an_invented_link_is_none(client, db):
    assert client.get("/in/made-up").status_code == 410


def test_the_database_keeps_no_token(tomas):
    path = actions.sign_in_link(tomas.user)
    assert path.rsplit("/", 1)[1] not in str(SignInLink.objects.values())


def test_a_second_factor_is_still_asked_for(client, tomas):
    TOTP.activate(tomas.user, "JBSWY3DPEHPK3PXP")
    answer = client.post(actions.sign_in_link(tomas.user))
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_keys_of_authenticator_apps_are_sealed_at_rest(tomas):
    TOTP.activate(tomas.user, "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.values())
