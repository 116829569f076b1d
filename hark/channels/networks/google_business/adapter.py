"""Google Business as Hark speaks it: what it can do. The verbs are those of any review site."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from hark.channels.base import Capabilities, Connection, Envelope, IncomingMessage, TextLimit
from hark.channels.networks.reviews.adapter import Reviews

from . import api, reading


class GoogleBusiness(Reviews):
    """The reviews of one place. Google ended its chat in 2024: the way to private is an address of the brand's mailbox."""

    slug = "google_business"
    can = Capabilities(
        label="Google Business",
        icon="n-google",
        inbound=frozenset({"review"}),
        inbound_style=frozenset({"poll"}),
        reply_public=True,
        one_answer=True,
        handoff=("address",),
        edit_own=True,
        delete_own=True,
        public_text=TextLimit("bytes", 4096),
        needs=("approval",),
        credential_fields=("client_id", "client_secret", "access", "refresh"),
        given_secrets=frozenset({"client_secret"}),
    )
    nothing_private = gettext_lazy(
        "Google has no private messages, and takes no links or telephone numbers in answers: "
        "an address of a mailbox of yours leads on."
    )

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def site(self, connection: Connection) -> api.Place:
        return api.Place(connection)

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm
