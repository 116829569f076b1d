"""A file somebody sent to the bot. Its address holds the bot's token, so it is asked for when it is copied, and never kept.

https://core.telegram.org/bots/api#getfile: up to 20 MB; a link is good for an hour.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from hark.channels.base import Connection, Refused
from hark.channels.shapes import text

from . import api

PATH = re.compile(r"[\w-]+(/[\w.-]+)*\Z")


def fetch(connection: Connection, file_id: str) -> tuple[str, bytes]:
    bot = api.bot(connection)
    found = bot.ask("getFile", file_id=file_id)
    path = text(found, "file_path") if isinstance(found, dict) else ""
    if not PATH.match(path) or ".." in path:
        raise Refused("gone", _("Telegram no longer has this file."))
    answer = bot.file(path)
    return answer.headers.get("content-type", ""), answer.raw
