"""The rig of e-mail: real mail servers, behind a door at which they can be made to fail."""

from __future__ import annotations

import itertools
from typing import Any

from hark.brands.models import Brand
from hark.channels.models import Account
from hark.channels.networks.email.tests.conftest import form_data
from tests.bluesky_people import until
from tests.peers.mail import Mail

from ..desk import connect
from ..post_office import PostOffice
from .rig import Rig

_numbers = itertools.count()


class Email(Rig):
    slug, posts, asks, private = "email", ".", " FETCH ", True

    def stands_in(self) -> PostOffice:
        mail: Mail = self.request.getfixturevalue("mail")
        return PostOffice(mail)

    def connected(self, brand: Brand) -> Account:
        office = self.network
        doors = {"imap_port": office.reading.port, "smtp_port": office.sending.port, "smtp_tls": "tls"}
        return connect(brand, "email", form_data(office.mail, office.care, **doors))

    def says(self, text: str) -> None:
        maya, care = self.network.maya, self.network.care
        head = f"From: Maya <{maya.address}>\r\nTo: {care.address}\r\nMessage-ID: <rig{next(_numbers)}@client.test>\r\n"
        maya.drops(f"{head}Subject: Suitcase\r\n\r\n{text}\r\n".encode(), care.address)

    def ours(self) -> list[str]:
        self.network.settles()
        return [letter.get_content() for letter in self.network.maya.letters()]

    def revoked(self) -> str:
        office: PostOffice = self.network
        office.mail.passwords({office.care.address: "changed by somebody else"})
        until(lambda: not office.lets_in(), "the old password to be refused")
        return ""

    def allowed(self, held: str) -> None:
        office: Any = self.network
        office.mail.passwords({})
        until(office.lets_in, "the password to be taken again")
