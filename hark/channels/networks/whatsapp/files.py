"""A file somebody sent: its id leads to an address that lasts five minutes and opens with the account's token.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, Refused
from hark.channels.networks.meta import graph
from hark.channels.networks.meta.failures import reading
from hark.channels.networks.meta.shapes import text

HOSTS = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net")  # who else may see the token


def fetch(connection: Connection, media: str) -> tuple[str, bytes]:
    with reading():
        told = graph.get(connection, graph.path(media))
        address = text(told.get("url"))
        host = urlsplit(address).hostname or ""
        if not host.endswith(HOSTS) and host != urlsplit(graph.host(connection)).hostname:
            raise Refused("gone", _("Meta no longer has this file."))
        headers = {"authorization": f"Bearer {connection.credentials.get('token') or ''}"}
        try:
            answer = http.request("GET", address, headers=headers)
        except http.SaidNo as problem:
            raise graph.GraphError(problem.status, 0, 0, problem.text, problem.wait_seconds) from problem
        return text(told.get("mime_type")) or answer.headers.get("content-type", ""), answer.raw
