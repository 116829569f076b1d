"""The URL table, read from the resolver: what a new page must say before the suite passes again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from hark.brands.permissions import Permission

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
IN_BRAND = "b/<slug:brand>/"
THIRD_PARTY = ("accounts/", "admin/")  # django-allauth and Django's admin check access by themselves

# What an argument of an address below a brand names: the start of the route, the argument, the sample of world.py.
SAMPLES = [
    ("cases/<int:pk>/tags/<int:tag>/", "tag", "tag"),
    ("cases/<int:pk>/skip/<int:step>/", "step", 2),
    ("cases/<int:pk>/regrouping/<int:regrouping_pk>/", "regrouping_pk", "regrouping"),
    ("cases/<int:pk>/actions/<int:action>/", "action", "action"),
    ("cases/<int:pk>/answers/<int:answer>/", "answer", "answer"),
    ("cases/<int:pk>/question/<int:gap>/", "gap", "gap"),
    ("cases/<int:pk>/", "pk", "case"),
    ("actions/<int:pk>/", "pk", "run"),
    ("settings/actions/<int:pk>/", "pk", "action"),
    ("playbook/answers/<int:pk>/", "pk", "answer"),
    ("playbook/versions/<int:pk>/", "pk", "version"),
    ("playbook/suggestions/<int:pk>/", "pk", "suggestion"),
    ("playbook/questions/<int:pk>/", "pk", "gap"),
    ("media/<int:pk>/", "pk", "media"),
    ("pictures/<int:pk>/", "pk", "picture"),
    ("replies/<int:pk>/", "pk", "reply"),
    ("promises/<int:pk>/", "pk", "promise"),
    ("approvals/<int:pk>/", "pk", "approval"),
    ("crises/<int:pk>/", "pk", "incident"),
    ("settings/approvals/<int:pk>/", "pk", "approval_rule"),
    ("messages/<int:pk>/", "pk", "message"),
    ("people/<int:pk>/join/<int:other>/", "other", "other_person"),
    ("people/<int:pk>/", "pk", "person"),
    ("people/joined/<int:pk>/", "pk", "merge"),
    ("moves/<int:pk>/", "pk", "move"),
    ("secure-pages/<int:pk>/", "pk", "secure_page"),
    ("settings/secure-pages/forms/<int:pk>/", "pk", "asked_form"),
    ("settings/members/<int:pk>/", "pk", "member"),
    ("settings/invitations/<int:pk>/", "pk", "invitation"),
    ("settings/teams/<int:pk>/", "pk", "team"),
    ("settings/locations/<int:pk>/", "pk", "location"),
    ("settings/accounts/connect/<slug:channel>/", "channel", "practice"),
    ("settings/accounts/unreadable/<int:pk>/", "pk", "delivery"),
    ("settings/accounts/<int:pk>/", "pk", "account"),
]
PLAIN = {2, "practice"}  # samples that are values, not rows of a brand


@dataclass(frozen=True)
class Route:
    """One address of the table."""

    route: str  # "b/<slug:brand>/cases/<int:pk>/"
    name: str
    view: Any

    @property
    def in_brand(self) -> bool:
        return self.route.startswith(IN_BRAND)

    @property
    def is_third_party(self) -> bool:
        return self.route.startswith(THIRD_PARTY)

    @property
    def access(self) -> str | tuple[Permission, ...] | None:
        found: str | tuple[Permission, ...] | None = getattr(self.view, "access", None)
        return found

    @property
    def arguments(self) -> list[str]:
        return [name for name in ARGUMENT.findall(self.route) if name != "brand"]

    def sample_of(self, argument: str) -> str | int | None:
        """What the argument names, by SAMPLES; None where nobody has said so yet."""
        inner = self.route.removeprefix(IN_BRAND)
        for start, name, sample in SAMPLES:
            if name == argument and inner.startswith(start):
                return sample
        return None

    @property
    def rows(self) -> list[str]:
        """The arguments that name a row of a brand."""
        return [name for name in self.arguments if self.sample_of(name) not in PLAIN]

    def path(self, brand: str, values: dict[str, Any]) -> str:
        return "/" + ARGUMENT.sub(lambda found: str({"brand": brand, **values}[found[1]]), self.route)

    def opens_for(self, roles: list[str]) -> bool:
        """Whether somebody with these roles passes the view's own check."""
        from hark.brands.permissions import allowed

        assert isinstance(self.access, tuple)
        return any(allowed(roles, permission) for permission in self.access)


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def in_brands() -> list[Route]:
    return [route for route in routes() if route.in_brand]


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Route]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield Route(route, f"{space}{pattern.name}", pattern.callback)
