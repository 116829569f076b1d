"""How people sign in: our rules for django-allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from . import invitations, sealing
from .jobs import send_later
from .models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Seats come by invitation."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only pages of this very address follow a sign-in."""
        request = self.request
        host, secure = {request.get_host()}, request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts=host, require_https=secure)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """All of allauth's mail: in plain text, by a job."""
        context = {"request": self.request, "email": email, **context}
        mail = self.render_mail(template_prefix, email, context)
        send_later(to=email, subject=mail.subject, body=mail.body)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our own address, whatever the request called it."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "0", "key": "0"})
        return f"{settings.HARK_PUBLIC_URL}{path.replace('0-0', key, 1)}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.HARK_PUBLIC_URL}{path}"

    def format_email_subject(self, subject: str) -> str:
        return f"Hark: {subject}"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        raise RuntimeError("users are made by invitations and by the operator")


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The provider says who somebody is; whether they have a seat is ours to say."""

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """The user with an address that the provider has verified; no other claim ties a login to a user."""
        email = proven_email(sociallogin)
        user = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
        return (user, user.email) if user else None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Somebody unknown comes in when an invitation waits for their verified address."""
        email = proven_email(sociallogin)
        return bool(email) and invitations.waiting(email).exists()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = sociallogin.user
        user.email = str(data.get("email") or "").lower()[:254]
        user.name = str(data.get("name") or "")[:80]
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Somebody who was invited: the proven address is what the invitation asked for."""
        user: User = super().save_user(request, sociallogin, form)
        invitations.accept_all(user)
        return user


def proven_email(sociallogin: Any) -> str:
    """The login's address where the provider says `email_verified: true` in so many words; else "" ."""
    claims = sociallogin.account.extra_data
    claims = claims.get("userinfo") or claims.get("id_token") or claims
    return str(claims.get("email") or "").lower() if claims.get("email_verified") is True else ""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keys of authenticator apps and seeds of recovery codes are sealed at rest."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, purpose="second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text, purpose="second factor")
