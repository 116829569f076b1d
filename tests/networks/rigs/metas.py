"""Rigs of Meta's networks: one Graph API for all."""

from __future__ import annotations

import json
from typing import Any

from .. import meta, meta_world
from .rig import Heard, Rig


class Meta(Rig):
    """Webhooks, and the reading again of what they did not bring."""

    token, posts, asks = "page-token", "/comments", "conversations"
    external_id = meta_world.PAGE

    def stands_in(self) -> meta.Meta:
        found = meta.Meta()
        found.subscribed = ["77"]
        self.monkeypatch.setenv("HARK_META_GRAPH", found.url)
        return found

    def fields(self) -> dict[str, Any]:
        held = {"token": self.token, "app_key": meta_world.SECRET, "verify_token": meta_world.WORD}
        return {"external_id": self.external_id, "handle": "ternway", "credentials": held}

    def ours(self) -> list[str]:
        return [text for _where, text in self.network.ledger]

    def revoked(self) -> str:
        return str(self.network.tokens.pop(self.token))

    def allowed(self, held: str) -> None:
        self.network.tokens[self.token] = held


class Facebook(Meta):
    slug = "facebook"

    def says(self, text: str) -> None:
        self.network.comments("6600042", "Nadia", text)


class Instagram(Meta):
    slug, token, posts, external_id = "instagram", "insta-token", "/replies", meta_world.ACCOUNT

    def says(self, text: str) -> None:
        self.network.comments_on_instagram("6600043", "nadia.r", text)


class WhatsApp(Heard, Meta):
    slug, token, posts, asks, external_id = "whatsapp", "cloud-token", "/messages", "", meta_world.NUMBER
    private, tells_what_was_sent = True, False

    def says(self, text: str) -> None:
        self.said.append(json.dumps(self.network.texts("351910000000", "77001", "Lu", text)).encode())
