"""Signing in, and what people try instead."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.test import Client

from hark.brands import actions
from hark.brands.tests.conftest import PASSWORD

SIGN_IN = "/accounts/login/"
WRONG = "The email address and/or password you specified are not correct."


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def confirm(client):
    """Say the password again, as every change of one's keys asks for."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def signed_in(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def joan(ternway):
    return actions.add_user("joan@ternway.example", name="Joan", password=PASSWORD)


def test_an_address_and_a_password_open_the_door(client, joan):
    assert sign_in(client, "JOAN@ternway.example")["Location"] == "/"
    assert signed_in(client) == str(joan.pk)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(joan):
    wrong = sign_in(Client(), joan.email, "not the password")
    unknown = sign_in(Client(), "nobody@ternway.example", "not the password")
    assert WRONG in wrong.text
    assert wrong.status_code == unknown.status_code
    assert plain(wrong) == plain(unknown)


def plain(answer):
    """The page without what differs by nature: tokens, and the address that was typed."""
    text = re.sub(r'value="[^"]*"|nonce-\S+|"X-CSRFToken": "[^"]*"', "", answer.text)
    return text.replace("joan@", "nobody@")


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(joan, monkeypatch):
    """Else the time an answer takes tells who works here."""
    from django.contrib.auth.hashers import get_hasher

    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args, **kwargs: hashed.append(1) or encode(*args, **kwargs))
    sign_in(Client(), joan.email, "not the password")
    known, hashed[:] = len(hashed), []
    sign_in(Client(), "nobody@ternway.example", "not the password")
    assert len(hashed) == known == 1


def test_somebody_switched_off_stays_out(client, joan):
    joan.is_active = False
    joan.save()
    sign_in(client, joan.email)
    assert not signed_in(client)


def test_five_wrong_tries_pause_the_account_even_for_the_right_password(client, joan):
    for _ in range(5):
        sign_in(client, joan.email, "not the password", REMOTE_ADDR="198.51.100.7")
    answer = client.post(SIGN_IN, {"login": joan.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.9")
    assert "Too many failed login attempts" in answer.text
    assert not signed_in(client)


def test_spraying_many_accounts_from_one_address_is_stopped(client, joan):
    for n in range(10):
        sign_in(client, f"a{n}@ternway.example", "summer 2026!")
    assert "Too many failed login attempts" in sign_in(client, joan.email).text
    assert not signed_in(client)


def test_a_flood_is_answered_429(client, db):
    answers = [client.post(SIGN_IN, {"login": "", "password": ""}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    page = client.post(SIGN_IN, {"login": "", "password": ""})
    assert "Too many tries" in page.text


def test_the_session_changes_at_sign_in_and_ends_at_sign_out(client, joan):
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(client, joan.email)
    fresh = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert fresh != session.session_key

    client.post("/accounts/logout/")
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = fresh
    assert stale.get("/profile")["Location"].startswith(SIGN_IN)


def test_cookies_and_headers_keep_others_out(client, joan):
    answer = sign_in(client, joan.email)
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    page = client.get("/profile")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://localhost:9/",
    ],
)
def test_a_sign_in_leads_nowhere_else(client, joan, where):
    assert sign_in(client, joan.email, next=where)["Location"] == "/"


def test_a_sign_in_leads_back_to_the_page_that_was_asked_for(client, joan):
    assert (
        sign_in(client, joan.email, next="/b/ternway/queue/?late=1")["Location"] == "/b/ternway/queue/?late=1"
    )


def test_forms_of_other_sites_are_refused(joan, ines):
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, joan.email).status_code == 403
    strict.force_login(ines.user)
    for path in ("/profile", "/accounts/logout/", f"/b/ternway/settings/members/{ines.pk}/remove/"):
        assert strict.post(path).status_code == 403
    assert strict.post(actions.sign_in_link(joan)).status_code == 403


def test_nobody_signs_up(client, db):
    for answer in (
        client.get("/accounts/signup/"),
        client.post("/accounts/signup/", {"email": "m@x.example", "password1": "three blue herons"}),
    ):
        assert "Seats come by invitation" in answer.text


def test_a_forgotten_password_is_set_anew_once(client, joan, mailbox):
    other = Client()
    other.force_login(joan)
    assert other.get("/profile").status_code == 200

    client.post("/accounts/password/reset/", {"email": "Joan@ternway.example"})
    link = mailbox.link()
    form = client.get(link, follow=True)
    assert 'name="password1"' in form.text
    done = client.post(
        form.redirect_chain[-1][0], {"password1": "nine grey geese", "password2": "nine grey geese"}
    )
    assert done.status_code == 302

    joan.refresh_from_db()
    assert joan.check_password("nine grey geese")
    assert other.get("/profile").status_code == 302  # every open session of the old password has ended
    assert 'name="password1"' not in Client().get(link, follow=True).text  # and the link is used up


def test_a_reset_says_the_same_for_known_and_unknown_addresses(joan, mailbox):
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in (joan.email, "nobody@ternway.example")
    ]
    assert plain(answers[0]) == plain(answers[1])
    assert [message.to for message in mailbox.open()] == [[joan.email]]


def test_a_link_in_a_mail_leads_to_our_own_address(client, joan, mailbox):
    client.post("/accounts/password/reset/", {"email": joan.email}, headers={"host": "localhost"})
    [message] = mailbox.open()
    assert f"{settings.HARK_PUBLIC_URL}/accounts/password/reset/key/" in message.body


def test_mail_waits_sealed(client, joan, mailbox):
    from procrastinate.contrib.django.models import ProcrastinateJob

    client.post("/accounts/password/reset/", {"email": joan.email})
    [job] = ProcrastinateJob.objects.all()
    assert joan.email not in str(job.args)
    assert "/password/reset/" not in str(job.args)


def test_a_second_factor_is_set_up_and_asked_for(client, joan, mailbox):
    sign_in(client, joan.email)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert Authenticator.objects.filter(user=joan, type="totp").exists()

    elsewhere = Client()
    assert sign_in(elsewhere, joan.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert not signed_in(elsewhere)
    assert "Incorrect code" in elsewhere.post("/accounts/2fa/authenticate/", {"code": "000000"}).text
    elsewhere.post("/accounts/2fa/authenticate/", {"code": code(secret, step=1)})
    assert signed_in(elsewhere) == str(joan.pk)


def test_a_code_works_once(client, joan):
    TOTP.activate(joan, "JBSWY3DPEHPK3PXP")
    same = code("JBSWY3DPEHPK3PXP")
    for expected in (str(joan.pk), None):
        somewhere = Client()
        sign_in(somewhere, joan.email)
        somewhere.post("/accounts/2fa/authenticate/", {"code": same})
        assert signed_in(somewhere) == expected


def code(secret, step=0):
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + step))


def test_sessions_elsewhere_can_be_ended(client, joan):
    elsewhere = Client()
    sign_in(elsewhere, joan.email)
    sign_in(client, joan.email)
    assert "127.0.0.1" in client.get("/accounts/sessions/").text
    client.post("/accounts/sessions/")
    assert elsewhere.get("/profile").status_code == 302
    assert client.get("/profile").status_code == 200


def test_the_admin_site_is_for_operators_by_the_same_door(client, ines):
    door = client.get("/admin/", follow=True).redirect_chain[-1][0]
    assert door.startswith("/accounts/login/?next=")
    client.force_login(ines.user)
    assert client.get("/admin/", follow=True).status_code == 403

    client.force_login(actions.add_user("op@x.example", operator=True))
    assert client.get("/admin/").status_code == 200


PAGES = [
    "login/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "signup/",
    "inactive/",
    "3rdparty/login/cancelled/",
    "3rdparty/login/error/",
]
OWN_PAGES = [
    "logout/",
    "email/",
    "password/change/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "sessions/",
    "3rdparty/",
]


@pytest.mark.parametrize("path", [*PAGES, *OWN_PAGES])
def test_every_page_of_the_door_looks_like_hark(client, joan, path):
    if path in OWN_PAGES:
        sign_in(client, joan.email)
        confirm(client)
    page = client.get(f"/accounts/{path}")
    assert page.status_code == (401 if path.endswith("error/") else 200)
    assert 'class="door' in page.text or 'class="shell' in page.text
    assert page.text.count("<h1>") == 1
    assert "style=" not in page.text
    for script in re.findall(r"<script[^>]*>", page.text):
        assert "src=" in script or "application/json" in script


def test_recovery_codes_help_without_the_app(client, joan):
    sign_in(client, joan.email)
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}, follow=True)
    codes = re.findall(r"\b\d{8}\b", shown.text) or re.findall(
        r"\b\d{8}\b", client.get("/accounts/2fa/recovery-codes/").text
    )
    elsewhere = Client()
    sign_in(elsewhere, joan.email)
    elsewhere.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert signed_in(elsewhere) == str(joan.pk)


def test_the_admin_site_shows_no_secrets_and_adds_nothing(client, ines):
    client.force_login(actions.add_user("op@x.example", operator=True))
    user = ines.user
    page = client.get(f"/admin/brands/user/{user.pk}/change/")
    assert "ines@ternway.example" in page.text
    assert user.password not in page.text
    assert client.get("/admin/brands/user/add/").status_code == 403
    assert client.post(f"/admin/brands/brand/{ines.brand_id}/delete/", {"post": "yes"}).status_code == 403
    for model in ("brands/user", "brands/brand", "brands/member", "brands/invitation", "channels/account"):
        assert client.get(f"/admin/{model}/").status_code == 200
