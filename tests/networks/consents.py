"""The consent page of a stand-in: who allows it there is sent back with a code, which is good once and for who asked."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit


def onward(page: Any) -> str:
    """Where the page that answers a connect form leads on to, by itself and by hand. Its own forms lead nowhere else."""
    assert page.status_code == 200, page.text
    [link] = re.findall(r'id="onward" href="([^"]+)"', page.text)
    assert f'content="0; url={link}"' in page.text
    assert "form-action 'self';" in page.headers["content-security-policy"] + ";"
    return unescape(link)


class Door:
    """Beside a StandIn. `codes`: what was asked with each code that is still good."""

    url: str
    tokens: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, dict[str, str]] = {}
        self.apps: dict[str, dict[str, Any]] = {}
        self.gives = ""  # the token that a code is worth

    def registers(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """An app of its own, as servers of Mastodon make one for whoever asks."""
        name = f"app-{len(self.apps)}"
        self.apps[name] = {**told, "client_id": name, "client_secret": secrets.token_urlsafe(8)}
        return self.apps[name]

    def allows(self, consent: str) -> str:
        """Somebody agrees: the address that their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(consent).query).items()}
        assert asked["response_type"] == "code"
        assert len(asked["state"]) > 30
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?state={asked['state']}&code={code}"

    def redeemed(self, told: Mapping[str, Any]) -> str:
        """The token for a code: of the one who asked, back at the same address, with the verifier if there was a challenge."""
        asked = self.codes.pop(told["code"])
        assert told["redirect_uri"] == asked["redirect_uri"]
        assert told["client_id"] == asked.get("client_id", asked.get("client_key"))
        if app := self.apps.get(told["client_id"]):
            assert told["client_secret"] == app["client_secret"]
            assert asked["redirect_uri"] == app["redirect_uris"]
            assert set(asked["scope"].split()) <= set(app["scopes"].split())
        if "code_challenge" in asked:
            digest = hashlib.sha256(told["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        return self.gives
