"""Who the brand's site says that a visitor is, when it can prove it: an HMAC of the identifier, or a signed token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from hark.channels import signatures

IDENTIFIER_LIMIT = 200  # characters
LEEWAY_SECONDS = 30  # the site's clock may be a little off
TOKEN_LIMIT = 4096


class BadIdentity(Exception):
    """The proof does not hold; its text says why, for the developer of the site."""


@dataclass(frozen=True)
class Identity:
    """`identifier` is the site's own lasting name for the customer."""

    identifier: str
    name: str = ""
    email: str = ""


def by_hash(
    secrets: Sequence[str], identifier: str, given: str, *, name: str = "", email: str = ""
) -> Identity:
    """Name and e-mail address are the page's word; only the identifier is signed. Raises BadIdentity."""
    if not 0 < len(identifier) <= IDENTIFIER_LIMIT:
        raise BadIdentity(f"the identifier must have 1 to {IDENTIFIER_LIMIT} characters")
    if not signatures.is_identified(secrets, identifier, given):
        raise BadIdentity("identifier_hash does not fit the identifier")
    return Identity(identifier, name, email)


def by_token(secrets: Sequence[str], token: str, *, key: str, audience: str = "") -> Identity:
    """From an HS256 token with `user_id` and `exp`. Everything in it is signed: name and e-mail address too.

    Where the brand set an audience, `aud` must name it; otherwise `aud` may be missing or name the chat's `key`: a
    token made for somebody else is refused. Raises BadIdentity.
    """
    if len(token) > TOKEN_LIMIT:
        raise BadIdentity("the token is too long")
    claims = _claims([secret for secret in secrets if secret.strip()], token)
    named = claims.get("aud", [] if audience else key)
    if (audience or key) not in (named if isinstance(named, list) else [named]):
        raise BadIdentity("the token is for another audience")
    identifier = claims.get("user_id")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= IDENTIFIER_LIMIT:
        raise BadIdentity(f"user_id must be a text of 1 to {IDENTIFIER_LIMIT} characters")
    return Identity(identifier, _text(claims, "name"), _text(claims, "email"))


def _claims(secrets: Sequence[str], token: str) -> Mapping[str, Any]:
    for secret in secrets:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "user_id"], "verify_aud": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError as problem:
            raise BadIdentity(str(problem)) from None
        return claims
    raise BadIdentity("the token is not signed with the secret of this chat")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return value[:IDENTIFIER_LIMIT] if isinstance(value, str) else ""
