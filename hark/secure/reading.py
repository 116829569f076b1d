"""What a customer sees on their page: their own words, our answers on this page, and where their matter stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands import tokens
from hark.cases import arc
from hark.cases.models import Case, Media, Message
from hark.channels.networks.secure.adapter import PICTURES
from hark.replies.models import ReplyFile
from hark.web import words

from . import actions
from .models import SecurePage

STEPS = {
    Case.Arc.ACKNOWLEDGED: gettext_lazy("We have seen it and answered"),
    Case.Arc.PRIVATE: gettext_lazy("We talk about it in private"),
    Case.Arc.RESOLVED: gettext_lazy("It is solved"),
}


@dataclass(frozen=True)
class Bubble:
    """One thing said on the page. `stamp` tells when it last changed."""

    key: str
    ours: bool
    who: str
    text: str
    at: datetime
    gone: bool = False
    edited: bool = False
    arrived: bool = True
    media: list[Media] = field(default_factory=list)
    pictures: list[ReplyFile] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # names of files whose copy is not there yet


def conversation(page: SecurePage) -> list[Bubble]:
    """Oldest first."""
    rows = (
        page.messages()
        .select_related("member__user", "reply")
        .prefetch_related("media", "reply__files")
        .order_by("published_at", "pk")
    )
    shown = [_bubble(message, page) for message in rows]
    known = {bubble.key for bubble in shown}
    for line in actions.said_before_it_arrived(page):
        if line.key not in known:
            names = [file.name for file in line.files]
            shown.append(Bubble(line.key, False, _("You"), line.text, line.at, arrived=False, waiting=names))
    return shown


def written(page: SecurePage, bubbles: list[Bubble]) -> list[str]:
    """Everything that was said, as lines of plain text; of files the names alone."""
    lines = []
    if page.wish:
        lines += [
            f"{words.moment(page.opened_at or page.made_at)} — {page.by.user.first_name}:",
            page.wish,
            "",
        ]
    for bubble in bubbles:
        lines.append(f"{words.moment(bubble.at)} — {bubble.who}:")
        lines.append(_("(taken back)") if bubble.gone else bubble.text)
        names = [medium.alt for medium in bubble.media] + [one.alt or one.name for one in bubble.pictures]
        lines += [f"[{name}]" for name in [*names, *bubble.waiting]]
        lines.append("")
    return lines


def stamp(bubbles: list[Bubble]) -> str:
    """Changes when anything on the page does; says nothing by itself."""
    parts = [
        f"{one.key}{one.gone:d}{one.edited:d}{one.arrived:d}{len(one.media)}{len(one.text)}"
        for one in bubbles
    ]
    return tokens.hashed("|".join(parts))[:16]


def steps(case: Case) -> list[dict[str, Any]]:
    """Where the matter stands, in the customer's words: what was reached, and the next one."""
    told: list[dict[str, Any]] = [
        {"text": _("You told us what happened"), "at": case.opened_at, "done": True}
    ]
    for step in arc.steps(case):
        if step.name in STEPS and step.state != "skipped":
            done = step.state in ("done", "private")
            told.append({"text": STEPS[Case.Arc(step.name)], "at": step.at if done else None, "done": done})
    return told


def medium_of(page: SecurePage, pk: int) -> Media | None:
    """A file of this page's own messages that has its copy."""
    rows = Media.objects.filter(message__in=page.messages().filter(deleted_at=None)).exclude(stored="")
    return rows.filter(pk=pk).first()


def picture_of(page: SecurePage, pk: int) -> ReplyFile | None:
    """A picture that we sent on this page."""
    rows = ReplyFile.objects.filter(reply__message__in=page.messages().filter(deleted_at=None))
    return rows.filter(pk=pk, content_type__in=PICTURES.types).first()


def _bubble(message: Message, page: SecurePage) -> Bubble:
    gone = message.deleted_at is not None
    ours = message.outbound
    who = message.member.user.first_name if ours and message.member else page.brand.name if ours else _("You")
    reply = getattr(message, "reply", None)
    return Bubble(
        message.external_id.rpartition("/")[2],
        ours,
        who,
        "" if gone else message.text,
        message.published_at,
        gone,
        message.edited_at is not None,
        media=[] if gone else [medium for medium in message.media.all() if medium.stored],
        pictures=list(reply.files.all()) if reply and not gone else [],
        waiting=[] if gone else [medium.alt for medium in message.media.all() if not medium.stored],
    )
