"""A picture of an MMS: behind the provider's sign-in, which answers with a short-lived address of its store."""

from __future__ import annotations

import re

import httpx
from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, Refused
from hark.web import outbound

from . import api

PLACE = re.compile(r"/Messages/(\w+)/Media/(\w+)\Z")


def name_of(url: str) -> str:
    """`SM…/ME…` where the address is one of the provider's resources, else "": the sign-in goes nowhere else."""
    found = PLACE.search(url)
    return f"{found[1]}/{found[2]}" if found else ""


def fetch(connection: Connection, name: str) -> tuple[str, bytes]:
    message, _slash, medium = name.partition("/")
    line = http.Line(api.LABEL, connection, api.home(connection), final=api.final)
    with line.reading("media") as ask:
        try:
            answer = ask("GET", f"/Messages/{message}/Media/{medium}", auth=api.login(connection))
            return answer.headers.get("content-type", ""), answer.raw
        except http.SaidNo as problem:
            if problem.status not in (301, 302, 303, 307, 308):
                raise
            where = problem.headers.get("location", "")
    try:
        stored = outbound.fetch(where)  # without the sign-in
    except (outbound.AddressRefused, outbound.AnswerTooLong, httpx.HTTPError) as problem:
        raise Refused(
            "gone", _("The provider’s store does not give it: %(why)s") % {"why": problem}
        ) from problem
    if stored.status_code != 200:
        raise Refused("gone", _("The provider no longer has this file."))
    return stored.headers.get("content-type", ""), stored.content
