"""An answer put into a reply: from the press of Use, through the draft, to what was sent, and where an old fact was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.cases.models import Case, Message
from hark.cases.words import term, words
from hark.replies.models import Reply
from hark.web.problems import NotPossible

from . import personal, suggesting
from .content import ANYWHERE, OWN, PRIVATE, Content, Where, changed_values
from .models import Answer, Use, Version, Waiting
from .stopwords import STOP


@dataclass(frozen=True)
class Cited:
    """An answer that a text uses, and its facts as they stand there."""

    version: Version
    facts: tuple[tuple[str, str], ...]


def where_of(case: Case) -> Where:
    return Where(case.location_id, case.snippet_lang[:2].lower(), timezone.localdate())


def put_in(answer: Answer, case: Case, *, by: Member, private: bool) -> str:
    """The answer for this customer, to stand in the draft; it stays linked to what is sent. Pressed twice, it is one use.

    Raises NotPossible for an answer that may not be said today.
    """
    version = answer.current
    if version is None or answer.state() not in ("holds", "ending"):
        raise NotPossible(_("This answer does not hold today. Ask its owner."))
    Use.objects.update_or_create(
        case=case, member=by, private=private, answer=answer, reply=None,
        defaults={"brand_id": case.brand_id, "version": version, "at": timezone.now()},
    )  # fmt: skip
    return version.content.text_for(where_of(case), private=private)


def cite(case: Case, *, by: Member, private: bool, text: str) -> list[Cited]:
    """The answers that a text about to leave uses. Raises NotPossible for what must not leave like this:

    a marked place without own words, approved sentences alone, a private part in public, an answer that has ended.
    """
    if waits := personal.unwritten(text):
        raise NotPossible(_("Write it in your own words first: “%(what)s”") % {"what": waits[0] or "…"})
    put = Q(uses__case=case) & (Q(uses__reply__isnull=False) | Q(uses__member=by))
    known = [hit.answer for hit in suggesting.suggest(case.brand_id, text, limit=5)]
    answers = (
        Answer.objects.filter(brand=case.brand_id, current__isnull=False)
        .filter(Q(pk__in=known) | put)
        .select_related("current")
        .distinct()
    )
    open_uses = {
        use.answer_id: use
        for use in Use.objects.filter(case=case, member=by, private=private, reply=None).select_related(
            "version"
        )
    }
    found: list[Cited] = []
    for answer in answers:
        use = open_uses.get(answer.pk)
        for version in dict.fromkeys(filter(None, [answer.current, use.version if use else None])):
            content = version.content
            fixed = personal.says(text, content, ANYWHERE) or personal.says(text, content, PRIVATE)
            facts = facts_in(text, content)
            if fixed or (use and facts):
                _may_be_said(answer, content, text, private=private)
                found.append(Cited(version, facts))
                break
    if found and personal.own_words(text, [one.version.content for one in found]) < personal.OWN_WORDS:
        raise NotPossible(
            _("Approved words alone are nobody’s answer. Add your own: “%(what)s”")
            % {"what": personal.asks_for(found[0].version.content)}
        )
    return found


def approved_near(case: Case, text: str) -> list[Content]:
    """What is approved to be said, of the answers used on the case and those that the text is like. Two queries."""
    near = [hit.answer for hit in suggesting.suggest(case.brand_id, text, limit=5)]
    answers = Answer.objects.filter(Q(pk__in=near) | Q(uses__case=case), brand=case.brand_id)
    return [one.current.content for one in answers.select_related("current").distinct() if one.current]


def own_part(text: str, contents: list[Content]) -> str:
    """The text without what is approved to be said: that alone is compared with what others were told."""
    own = personal.own_part(text, contents)
    return text if own == personal.flat(text) else own


def blocks_for(case: Case, contents: list[Content]) -> list[str]:
    """The approved blocks as they read for this customer."""
    where = where_of(case)
    return [
        content.filled(block, where) for content in contents for block in content.blocks if block.kind != OWN
    ]


def _may_be_said(answer: Answer, content: Content, text: str, *, private: bool) -> None:
    if not private and personal.says(text, content, PRIVATE):
        raise NotPossible(
            _("A part of “%(answer)s” is for private messages alone. Take it out, or move to private.")
            % {"answer": answer}
        )
    if answer.state() not in ("holds", "ending"):
        raise NotPossible(
            _("“%(answer)s” does not hold any more. Take it out, or ask its owner.") % {"answer": answer}
        )


def facts_in(text: str, content: Content) -> tuple[tuple[str, str], ...]:
    """The values of an answer that stand in a text, by the name of their fact."""
    told = personal.flat(text)
    return tuple(
        dict.fromkeys(
            (fact.name, value.value) for fact, value in content.values() if stands_in(value.value, told)
        )
    )


def stands_in(value: str, told: str) -> bool:
    """Whether a value stands in a flattened text as a word of its own: “5” is not in “2015”, nor “5” in “5.50”."""
    return bool(re.search(rf"(?<![\w.,]){re.escape(personal.flat(value))}(?!\w|[.,:]\d)", told))


def note(cited: Sequence[Cited], reply: Reply) -> None:
    """Link what a reply uses to it; whoever waited for such an answer has been told. Inside the transaction that queues it."""
    Use.objects.filter(case=reply.case_id, member=reply.author_id, private=reply.private, reply=None).delete()
    Use.objects.bulk_create(
        Use(
            brand_id=reply.brand_id, version=one.version, answer_id=one.version.answer_id, case_id=reply.case_id,
            member_id=reply.author_id, private=reply.private, reply=reply,
            facts=[{"name": name, "value": value} for name, value in one.facts],
        )
        for one in cited
    )  # fmt: skip
    answers = [one.version.answer_id for one in cited]
    Waiting.objects.filter(case=reply.case_id, gap__answer__in=answers).filter(
        Q(reply=None) | Q(reply__state=Reply.State.WITHDRAWN)
    ).update(reply=reply)


@dataclass(frozen=True)
class Stale:
    """A place where a fact was said that is another one now."""

    use: Use
    name: str
    said: str
    now: str  # '' when the answer has no such fact any more
    told_since: bool  # a later reply on the case says what holds now


def stale(answer: Answer, member: Member, since: datetime) -> list[Stale]:
    """Where this answer’s facts were said since then and no longer hold, newest first, in cases that the member may read."""
    content = answer.current.content if answer.current and not answer.retired_at else Content()
    holds = {(fact.name, value.value) for fact, value in content.values()}
    uses = list(
        Use.objects.filter(answer=answer, at__gte=since, reply__state=Reply.State.SENT)
        .filter(case__in=Case.objects.visible_to(member))
        .select_related("reply__message", "reply__account", "case__person", "case__brand", "member__user")
        .order_by("-at", "-pk")
    )
    newest: dict[tuple[int, str], str] = {}
    found = []
    for use in uses:
        for fact in use.facts:
            name, said = fact["name"], fact["value"]
            later = newest.setdefault((use.case_id, name), said)
            if (name, said) not in holds:
                known = content.fact(name)
                now = known.value_for(where_of(use.case)) if known else None
                found.append(Stale(use, name, said, now.value if now else "", (name, later) in holds))
    return found


@dataclass(frozen=True)
class Freely:
    """A message of ours that gives an old value in somebody’s own words."""

    message: Message
    name: str
    said: str


FREELY_SHOWN = 50


def said_freely(answer: Answer, member: Member, since: datetime) -> list[Freely]:
    """Where an old value stands beside a word of the question, without the answer having been used; newest first."""
    if answer.current is None:
        return []
    telling = [word for word in words(answer.title) if word not in STOP and len(word) > 2]
    old = {
        (name, value.value)
        for version in answer.versions.filter(approved_at__isnull=False).exclude(pk=answer.current.pk)[:20]
        for name, value, _now in changed_values(version.content, answer.current.content)
    }
    about = " | ".join(f"'{word}'" for word in telling)
    found: list[Freely] = []
    for name, value in sorted(old) if about else ():
        piece = term(value, exact=True)
        if not piece:
            continue
        rows = (
            Message.objects.filter(
                brand=answer.brand_id,
                outbound=True,
                deleted_at=None,
                member__isnull=False,
                published_at__gte=since,
            )
            .filter(case__in=Case.objects.visible_to(member))
            .exclude(reply__answer_uses__answer=answer)
            .extra(where=["cases_message.search @@ %s::tsquery"], params=[f"({piece}) & ({about})"])
            .select_related("case__person", "case__brand", "member__user")
            .order_by("-pk")[:FREELY_SHOWN]
        )
        found += [Freely(row, name, value) for row in rows]
    return sorted(found, key=lambda one: -one.message.pk)[:FREELY_SHOWN]
