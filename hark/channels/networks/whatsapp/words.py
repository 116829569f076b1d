"""The words of a WhatsApp message, whatever its type: a caption, the title of a pressed button, a place, a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from ..meta.shapes import ident, link, part, parts, text


@dataclass(frozen=True)
class Spoken:
    """Text and facts of a message; `why` says that it is none."""

    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def of(said: Mapping[str, Any], kind: str) -> Spoken:
    """What a message of this type says. Raises Unreadable."""
    match kind:
        case "text":
            return Spoken(text(part(said, "text").get("body")))
        case "image" | "video" | "audio" | "document" | "sticker":
            file = part(said, kind)
            facts = {"sha256": text(file.get("sha256"))[:100], "voice": bool(file.get("voice"))}
            return Spoken(text(file.get("caption")), facts)
        case "button":
            button = part(said, "button")
            return Spoken(text(button.get("text")), {"payload": text(button.get("payload"))[:1000]})
        case "interactive":
            return _interactive(part(said, "interactive"))
        case "location":
            return _place(part(said, "location"))
        case "contacts":
            return Spoken("\n".join(_card(card) for card in parts(said, "contacts")))
        case "order":
            order = part(said, "order")
            lines = [
                f"{ident(line.get('quantity')) or '1'} × {ident(line.get('product_retailer_id'))}"
                for line in parts(order, "product_items")
            ]
            return Spoken("\n".join([text(order.get("text")), *lines]).strip())
    return Spoken(_("[A message of a kind that WhatsApp does not pass on. It can be seen in the app.]"))


def _interactive(said: Mapping[str, Any]) -> Spoken:
    button, row, form = (part(said, name) for name in ("button_reply", "list_reply", "nfm_reply"))
    if said.get("type") == "call_permission_reply":
        return Spoken(why="an answer to the question whether we may call")
    if button or row:
        chosen = button or row
        lines = [text(chosen.get("title")), text(chosen.get("description"))]
        return Spoken("\n".join(line for line in lines if line), {"payload": ident(chosen.get("id"))})
    if form:
        return Spoken(_answers(text(form.get("response_json"))) or text(form.get("body")))
    return of({}, "unsupported")


def _answers(response: str) -> str:
    """A filled-in form, a line a field."""
    try:
        found = msgspec.json.decode(response, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return ""
    told = {
        name: value for name, value in found.items() if name != "flow_token" and isinstance(value, str | int)
    }
    return "\n".join(f"{name}: {value}" for name, value in told.items()).replace("\0", "")


def _place(found: Mapping[str, Any]) -> Spoken:
    where = {
        name: found[name] for name in ("latitude", "longitude") if isinstance(found.get(name), float | int)
    }
    address = link(found.get("url"))
    if not address and len(where) == 2:
        address = f"https://www.openstreetmap.org/?mlat={where['latitude']}&mlon={where['longitude']}"
    lines = [text(found.get("name")), text(found.get("address")), address]
    return Spoken("\n".join(line for line in lines if line), {"place": where})


def _card(card: Mapping[str, Any]) -> str:
    name = text(part(card, "name").get("formatted_name"))
    if not name:
        name = next((line[3:] for line in text(card.get("vcard")).splitlines() if line.startswith("FN:")), "")
    phones = [ident(phone.get("phone")) for phone in parts(card, "phones")]
    return " ".join(part for part in [name, *phones] if part)
