"""Rigs of review sites. There is one answer to a review, so what stands there is the last of them."""

from __future__ import annotations

from typing import Any

from hark.channels.networks.google_play import api as play

from .. import reviews
from .rig import Rig


class Site(Rig):
    kind: type[reviews.ReviewSite]
    external_id = path = ""

    def __init_subclass__(cls) -> None:
        cls.slug, cls.posts, cls.asks = cls.kind.slug, cls.kind.answering, cls.kind.listing

    def stands_in(self) -> reviews.ReviewSite:
        return self.kind()

    def fields(self) -> dict[str, Any]:
        place = {"server": f"{self.network.url}{self.path}", "token_server": f"{self.network.url}/token"}
        settings = {**place, "poll_seconds": 0.05, "recheck_seconds": 3600}
        held = {"external_id": self.external_id, "credentials": self.credentials()}
        return {"handle": "Ternway", "settings": settings, **held}

    def credentials(self) -> dict[str, str]:
        return {"access": self.network.token}

    def says(self, text: str) -> None:
        self.network.says("Rita", 1, text)

    def ours(self) -> list[str]:
        return [words for own in self.network.rows if (words := self.network.answer(own))]

    def revoked(self) -> str:
        self.network.locked = True
        return ""

    def allowed(self, held: str) -> None:
        self.network.locked = False


class GoogleBusiness(Site):
    kind, external_id, path = reviews.Maps, reviews.PLACE, "/v4"


class GooglePlay(Site):
    kind, external_id = reviews.Play, reviews.PACKAGE

    def stands_in(self) -> reviews.ReviewSite:
        self.monkeypatch.setattr(play, "_tokens", {})
        return super().stands_in()

    def credentials(self) -> dict[str, str]:
        return {"client_email": "hark@p.iam.example", "private_key": reviews.pem_of("RS256")}


class AppStore(Site):
    kind, external_id = reviews.Connect, reviews.APP

    def credentials(self) -> dict[str, str]:
        return {"issuer_id": "issuer", "key_id": "KEY1", "private_key": reviews.pem_of("ES256")}
