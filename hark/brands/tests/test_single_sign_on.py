"""Single sign-on against a certified OpenID provider: who is matched, and who is not."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as live_settings

from hark.brands import actions
from hark.brands.models import Member, User
from hark.brands.tests.conftest import PASSWORD
from hark.config import single_sign_on
from hark.ops.errors import OpsError

pytestmark = [pytest.mark.peer, pytest.mark.django_db]
CALLBACK = "/accounts/oidc/staff/login/callback/"
HOST = "127.0.0.1:8000"
PEOPLE = {
    "ada": {"email": "ada@ternway.example", "email_verified": True, "name": "Ada Lind"},
    "sam": {"email": "Sam@Ternway.example", "email_verified": True, "name": "Sam Aas"},
    "eve": {"email": "tomas@ternway.example", "email_verified": False, "name": "Eve"},
}


@pytest.fixture(scope="module")
def provider(peers):
    with peers.Oidc(redirect_uris=f"http://{HOST}{CALLBACK}", accounts=PEOPLE) as running:
        yield running


@pytest.fixture
def sso(provider, settings, monkeypatch):
    monkeypatch.setenv("HARK_OIDC_ISSUER", provider.info["issuer"])
    monkeypatch.setenv("HARK_OIDC_CLIENT_ID", "hark")
    monkeypatch.setenv("HARK_OIDC_CLIENT_SECRET", "hark-secret")
    monkeypatch.setenv("HARK_OIDC_NAME", "Ternway single sign-on")
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on.read()


def start(client, **more):
    """Press the button; the address at the provider that it leads to."""
    answer = client.post("/accounts/oidc/staff/login/", more, headers={"host": HOST})
    assert answer.status_code == 302
    return answer["Location"]


def at_the_provider(address, login):
    """Sign in there through its two forms; the address it sends back to."""
    with httpx.Client() as browser:
        answer = browser.get(address)
        for values in ({"prompt": "login", "login": login, "password": "x"}, {"prompt": "consent"}):
            answer = follow(browser, answer)
            action = re.search(r'action="([^"]+)"', answer.text)[1]
            answer = browser.post(urljoin(str(answer.url), action), data=values)
        return follow(browser, answer).headers["Location"]


def follow(browser, answer):
    while answer.is_redirect and HOST not in answer.headers["Location"]:
        answer = browser.get(urljoin(str(answer.url), answer.headers["Location"]))
    return answer


def sign_on(client, login, **more):
    back = urlsplit(at_the_provider(start(client, **more), login))
    return client.get(f"{back.path}?{back.query}", headers={"host": HOST})


def test_a_verified_address_opens_the_seat_that_is_there(client, sso, ternway):
    ada = actions.add_member(ternway, "ada@ternway.example", ["agent"], name="Ada").user
    ada.set_password(PASSWORD)
    ada.save()
    assert "Ternway single sign-on" in client.get("/accounts/login/").text

    assert sign_on(client, "ada")["Location"] == "/"
    assert client.session["_auth_user_id"] == str(ada.pk)
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert (User.objects.count(), Member.objects.count()) == (1, 1)

    client.logout()
    User.objects.filter(pk=ada.pk).update(email="ada.lind@ternway.example")
    sign_on(client, "ada")  # the provider's own number for her ties the two from now on
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_an_unverified_address_is_nobody(client, sso, ines, tomas):
    """Eve typed Tomas's address at the provider; nobody has checked it."""
    answer = sign_on(client, "eve")
    assert "Seats come by invitation" in answer.text
    assert "_auth_user_id" not in client.session
    actions.invite(ines.brand, "x@ternway.example", ["agent"], by=ines)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 2


def test_an_unverified_address_takes_no_invitation_either(client, sso, ines):
    actions.invite(ines.brand, "tomas@ternway.example", ["administrator"], by=ines)
    sign_on(client, "eve")
    assert "_auth_user_id" not in client.session
    assert Member.objects.count() == 1


def test_somebody_unknown_gets_no_seat(client, sso, ternway):
    assert "Seats come by invitation" in sign_on(client, "sam").text
    assert "_auth_user_id" not in client.session
    assert not User.objects.exists()


def test_somebody_invited_takes_the_seat(client, sso, ines):
    actions.invite(ines.brand, "sam@ternway.example", ["agent", "lead"], by=ines)
    sign_on(client, "sam", next="/profile")
    sam = Member.objects.get(user__email="sam@ternway.example")
    assert (sam.roles, sam.user.name, sam.user.has_usable_password()) == (["agent", "lead"], "Sam Aas", False)
    assert client.session["_auth_user_id"] == str(sam.user_id)


def test_somebody_switched_off_stays_out(client, sso, ternway):
    ada = actions.add_member(ternway, "ada@ternway.example", ["agent"]).user
    User.objects.filter(pk=ada.pk).update(is_active=False)
    sign_on(client, "ada")
    assert "_auth_user_id" not in client.session


def test_an_answer_that_was_not_asked_for_is_refused(client, sso, ternway):
    """Somebody else's code, planted in this browser, signs nobody in."""
    actions.add_member(ternway, "ada@ternway.example", ["agent"])
    stranger = type(client)()
    back = urlsplit(at_the_provider(start(stranger), "ada"))
    answer = client.get(f"{back.path}?{back.query}", headers={"host": HOST})
    assert answer.status_code == 401
    assert "_auth_user_id" not in client.session


def test_the_request_is_bound_by_pkce_and_the_page_may_lead_there(client, sso, provider):
    asked = parse_qs(urlsplit(start(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {*asked["scope"][0].split()} == {"openid", "profile", "email"}
    assert single_sign_on.origins(single_sign_on.read()) == [provider.info["issuer"].rstrip("/")]
    assert live_settings.SOCIALACCOUNT_EMAIL_VERIFICATION == "none"


def test_half_a_configuration_is_refused(monkeypatch):
    for name in single_sign_on.NEEDED:
        monkeypatch.delenv(name, raising=False)
    assert single_sign_on.read() == {}
    monkeypatch.setenv("HARK_OIDC_ISSUER", "https://login.example")
    with pytest.raises(OpsError, match="HARK_OIDC_CLIENT_SECRET"):
        single_sign_on.read()
    monkeypatch.setenv("HARK_OIDC_CLIENT_ID", "hark")
    monkeypatch.setenv("HARK_OIDC_CLIENT_SECRET", "s")
    monkeypatch.setenv("HARK_OIDC_ISSUER", "login.example")
    with pytest.raises(OpsError, match="address"):
        single_sign_on.read()
