"""What leaves for WhatsApp: free words within 24 hours of the customer's last message, an approved template afterwards.

Source: “Messages” and “Media” of the Cloud API. There is no list of sent messages: nobody can be asked whether one arrived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Receipt, Refused

from ..meta import graph, limits, windows
from ..meta.failures import writing
from ..meta.shapes import needed, parts

SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+")  # a business-scoped user id
MOST_IN_TEMPLATE = 1024
BUTTONS, BUTTON_LENGTH, CAPTION = 3, 20, 1024


def write(connection: Connection, reply: OutgoingReply) -> Receipt:
    if reply.visibility != "private":
        raise Refused("never", _("WhatsApp has nothing public."))
    limits.check(connection, reply)
    if reply.parent_facts.get("group"):
        raise Refused("never", _("That was written in a group: an answer would be read by everybody there."))
    to = _to(reply)
    old = windows.age(reply.parent_facts)
    if old is not None and old >= windows.STANDARD:
        return _post(connection, reply, to, _template(connection, reply))
    try:
        return _post(connection, reply, to, _free(connection, reply))
    except Refused as problem:
        if problem.code != "window_closed":
            raise
        return _post(connection, reply, to, _template(connection, reply))  # our clock was behind


def _to(reply: OutgoingReply) -> dict[str, str]:
    """By scoped id where there is one: a person with a username shows no number."""
    who = (
        reply.thread
        or str(reply.parent_facts.get("person") or "")
        or (reply.to.external_id if reply.to else "")
    )
    if not who:
        raise Refused("recipient_unreachable", _("It is not known who this is."))
    return {"recipient": who} if SCOPED.fullmatch(who) else {"to": who}


def _post(
    connection: Connection, reply: OutgoingReply, to: Mapping[str, str], content: Mapping[str, Any]
) -> Receipt:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to,
        "biz_opaque_callback_data": reply.key,
        **content,
    }
    with writing():
        said = graph.post(connection, graph.path(connection.external_id, "messages"), body)
        here = needed(parts(said, "messages")[0].get("id"), "message id")
    return Receipt(
        here,
        thread=next(iter(to.values())),
        facts={"person": next(iter(to.values())), "type": content["type"]},
    )


def _free(connection: Connection, reply: OutgoingReply) -> dict[str, Any]:
    answered = {"context": {"message_id": reply.parent}} if reply.parent else {}
    for file in reply.files[:1]:
        with writing():
            said = graph.post(
                connection,
                graph.path(connection.external_id, "media"),
                {"messaging_product": "whatsapp", "type": file.content_type},
                graph.File("file", file),
            )
            media = needed(said.get("id"), "media id")
        if len(reply.text) > CAPTION:
            raise Refused(
                "too_long", _("Below a picture WhatsApp takes %(most)d characters.") % {"most": CAPTION}
            )
        return {**answered, "type": "image", "image": {"id": media, "caption": reply.text}}
    if reply.quick_replies:
        buttons = [
            {"type": "reply", "reply": {"id": one[:256], "title": one[:BUTTON_LENGTH]}}
            for one in reply.quick_replies[:BUTTONS]
        ]
        inside = {"type": "button", "body": {"text": reply.text[:1024]}, "action": {"buttons": buttons}}
        return {**answered, "type": "interactive", "interactive": inside}
    return {**answered, "type": "text", "text": {"body": reply.text, "preview_url": False}}


def _template(connection: Connection, reply: OutgoingReply) -> dict[str, Any]:
    """The account's own template with the words in its one place. Raises Refused without one."""
    name = str(connection.settings.get("template") or "")
    if not name:
        raise Refused(
            "window_closed",
            _("More than 24 hours have passed since the customer last wrote. WhatsApp then takes approved templates alone, "
              "and this account names none."),
        )  # fmt: skip
    if reply.files:
        raise Refused("window_closed", _("After 24 hours WhatsApp takes a template without files."))
    words = " ".join(reply.text.split())  # a place in a template holds no line breaks
    if len(words) > MOST_IN_TEMPLATE:
        raise Refused(
            "too_long", _("After 24 hours WhatsApp takes %(most)d characters.") % {"most": MOST_IN_TEMPLATE}
        )
    language = str(connection.settings.get("template_language") or "en")
    inside = [{"type": "body", "parameters": [{"type": "text", "text": words}]}]
    return {
        "type": "template",
        "template": {"name": name, "language": {"code": language}, "components": inside},
    }


def react(connection: Connection, here: str, facts: Mapping[str, Any]) -> Receipt:
    person = str(facts.get("person") or "")
    if not person:
        raise Refused("recipient_unreachable", _("It is not known who this is."))
    to = {"recipient": person} if SCOPED.fullmatch(person) else {"to": person}
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to,
        "type": "reaction",
        "reaction": {"message_id": here, "emoji": "👍"},
    }
    with writing():
        graph.post(connection, graph.path(connection.external_id, "messages"), body)
    return Receipt(f"reaction {here}")
