"""Reading direct messages: once by conversation, from then on by the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from hark.channels.base import Envelope

from . import api, envelopes, shapes
from .progress import Progress
from .sessions import Session

CONVO = "chat.bsky.convo."
MOST_PAGES = 50
MOST_CONVOS = 500


class Convo(shapes.Shape):
    id: str
    rev: str = ""
    last_message: dict[str, Any] | None = None
    members: list[Any] = []
    kind: dict[str, Any] | None = None

    @property
    def is_group(self) -> bool:
        return len(self.members) > 2 or str((self.kind or {}).get("$type")).endswith("#groupConvo")


class Conversation(shapes.Shape):
    convo: Convo


class Convos(shapes.Shape):
    convos: list[Convo] = []
    cursor: str = ""


class Messages(shapes.Shape):
    messages: list[msgspec.Raw] = []
    cursor: str = ""


class Log(shapes.Shape):
    logs: list[msgspec.Raw] = []
    cursor: str = ""


class Who(shapes.Shape):
    """The part of a log entry or message that says who wrote."""

    sender: shapes.Sender | None = None
    message: dict[str, Any] | None = None
    reaction: dict[str, Any] | None = None
    related_profiles: list[Any] = []
    sent_at: str = ""
    convo_id: str = ""

    def did(self) -> str:
        if self.sender:
            return self.sender.did
        sender = (self.reaction or self.message or {}).get("sender")
        return str(sender.get("did") or "") if isinstance(sender, dict) else ""


class Chats:
    """The direct messages of one account. Remembers whom and what it has already asked about.

    Group conversations are left out: an answer meant for one customer would be read by all of them.
    """

    def __init__(self, session: Session, progress: Progress) -> None:
        self.session, self.progress = session, progress
        self._profiles: dict[str, Any] = {}
        self._groups: dict[str, bool] = {}

    def first_reading(self, since: datetime) -> list[Envelope]:
        """Messages of conversations, requests included, that were written since then; the log is followed from here."""
        found: list[Envelope] = []
        latest, cursor, count = "", "", 0
        while count < MOST_CONVOS:
            page = self._convos(cursor)
            for convo in page.convos:
                latest = max(latest, convo.rev)
                count += 1
                self._groups[convo.id] = convo.is_group
                if convo.last_message and not convo.is_group and _sent(convo.last_message) >= since:
                    found += self._messages(convo.id, since)
            cursor = page.cursor
            if not cursor:
                break
        self.progress.log, self.progress.chat_begun = latest, True
        return found

    def _convos(self, cursor: str) -> Convos:
        answer = self.session.query(CONVO + "listConvos", chat=True, limit=100, cursor=cursor)
        return msgspec.json.decode(answer.raw, type=Convos)

    def _messages(self, convo: str, since: datetime) -> list[Envelope]:
        raws: list[msgspec.Raw] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self.session.query(
                CONVO + "getMessages", chat=True, convoId=convo, limit=100, cursor=cursor
            )
            page = msgspec.json.decode(answer.raw, type=Messages)
            recent = [raw for raw in page.messages if _sent(msgspec.json.decode(raw)) >= since]
            raws += recent
            cursor = page.cursor
            if not cursor or len(recent) < len(page.messages):
                break
        whos = [msgspec.json.decode(raw, type=Who) for raw in raws]
        self._ask_for(whos)
        found = [
            envelopes.found_message(convo, raw, self._known(who)) for raw, who in zip(raws, whos, strict=True)
        ]
        return found[::-1]

    def news(self) -> tuple[list[Envelope], bool]:
        """One page of the log, and whether there may be more."""
        answer = self.session.query(CONVO + "getLog", chat=True, cursor=self.progress.log)
        page = msgspec.json.decode(answer.raw, type=Log)
        whos = [msgspec.json.decode(raw, type=Who) for raw in page.logs]
        self._ask_for(whos)
        found = [
            envelope
            for raw, who in zip(page.logs, whos, strict=True)
            if (envelope := envelopes.chat_event(raw, self._known(who))) and not self._in_group(who.convo_id)
        ]
        moved = bool(page.cursor) and page.cursor != self.progress.log
        self.progress.log = page.cursor or self.progress.log
        return found, moved and bool(page.logs)

    def _in_group(self, convo: str) -> bool:
        """Whether a conversation has more than two members; asked once, and not again while we run."""
        if convo not in self._groups:
            try:
                answer = self.session.query(CONVO + "getConvo", chat=True, convoId=convo)
                self._groups[convo] = msgspec.json.decode(answer.raw, type=Conversation).convo.is_group
            except api.XrpcError as problem:
                if problem.status == 429 or problem.status >= 500:
                    raise
                self._groups[convo] = False  # left meanwhile: what was said to us is kept
        return self._groups[convo]

    def _ask_for(self, whos: Iterable[Who]) -> None:
        """Names of those the log gives only a DID for; without them when they can't be had."""
        wanted = {who.did() for who in whos if not who.related_profiles} - self._profiles.keys() - {""}
        for some in _chunks(sorted(wanted)):
            try:
                answer = self.session.query("app.bsky.actor.getProfiles", actors=some)
            except (api.XrpcError, api.AnswerLost):
                return
            for profile in answer.body.get("profiles", []):
                if isinstance(profile, dict):
                    self._profiles[str(profile.get("did"))] = profile

    def _known(self, who: Who) -> list[Any]:
        known = self._profiles.get(who.did())
        return [known] if known and not who.related_profiles else []


def _sent(message: Any) -> datetime:
    return shapes.instant(str(message.get("sentAt") or ""))


def _chunks(dids: list[str]) -> list[list[str]]:
    return [dids[start : start + 25] for start in range(0, len(dids), 25)]
