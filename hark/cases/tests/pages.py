"""What page tests say with: a member's browser without script, and one that asks as htmx does."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from hark.brands.models import Member
from hark.cases.models import Case

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HTMX = {"HX-Request": "true"}


class Pages:
    """A browser in which a member has signed in. Addresses are below their brand unless they begin with a slash."""

    def __init__(self, member: Member, brand: str = "ternway") -> None:
        self.client = Client()
        self.client.force_login(member.user, backend=BACKEND)
        self.base = f"/b/{brand}/"

    def address(self, path: str) -> str:
        return path if path.startswith("/") else self.base + path

    def get(self, path: str, *, htmx: bool = False, **query: Any) -> Any:
        return self.client.get(self.address(path), query, headers=HTMX if htmx else None)

    def post(self, path: str, *, htmx: bool = False, **values: Any) -> Any:
        return self.client.post(self.address(path), values, headers=HTMX if htmx else None)

    def reads(self, path: str, *, htmx: bool = False, **query: Any) -> str:
        """The words of a page, as somebody reads them."""
        answer = self.get(path, htmx=htmx, **query)
        assert answer.status_code == 200, (path, answer.status_code)
        return words_of(answer)


def words_of(answer: Any) -> str:
    html = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").replace("&amp;", "&").split())


def only_case() -> Case:
    return Case.objects.get()
