"""The App Store as Hark speaks it: what it can do. The verbs are those of any review site."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from hark.channels.base import Capabilities, Connection, Envelope, IncomingMessage, TextLimit
from hark.channels.networks.reviews.adapter import Reviews

from . import api, reading


class AppStore(Reviews):
    """The reviews of one app. Nothing is private: the way over is a link in the answer."""

    slug = "app_store"
    can = Capabilities(
        label="App Store",
        icon="n-app",
        inbound=frozenset({"review"}),
        inbound_style=frozenset({"poll"}),
        reply_public=True,
        one_answer=True,
        handoff=("link",),
        edit_own=True,
        delete_own=True,
        public_text=TextLimit("chars", 5970),
        credential_fields=("issuer_id", "key_id", "private_key"),
    )
    nothing_private = gettext_lazy(
        "The App Store has no private messages. A link to the brand’s own chat leads on."
    )

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def site(self, connection: Connection) -> api.Store:
        return api.Store(connection)

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm
