"""A question without an answer of record: asked of whoever decides, answered to all who waited, kept as the answer (A5).

Hark prepares, people send: a holding reply and, later, the answer lie as drafts in each case.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.models import Case
from hark.cases.templatetags.cases import name_of
from hark.playbook import actions as playbook
from hark.playbook import uses
from hark.playbook.content import ANYWHERE, MARK_CLOSES, MARK_OPENS, OWN, Block, Content
from hark.playbook.models import Answer, Gap, Version, Waiting
from hark.replies.actions import draft_of, save_draft
from hark.web.problems import NotPossible

HOLDS_FOR = timedelta(days=365)  # an answer that came out of a gap, unless somebody says otherwise


@transaction.atomic
def ask(
    case: Case,
    *,
    by: Member,
    question: str,
    asked: Member,
    due_at: datetime,
    press: uuid.UUID,
    detail: str = "",
) -> Gap:
    """Ask a colleague what to say, with a due time; a holding reply is prepared. The same press again asks nothing more.

    Raises NotPossible for a time that has passed, or somebody who answers no questions.
    """
    _may(by)
    case = Case.objects.select_for_update(of=("self",)).select_related("brand").get(pk=case.pk)
    if before := Gap.objects.filter(brand=case.brand_id, press=press).first():
        return before
    if due_at <= timezone.now():
        raise NotPossible(_("Choose a time that is still to come."))
    if asked.brand_id != case.brand_id or not may_be_asked(asked):
        raise NotPossible(_("%(name)s answers no questions of this brand.") % {"name": asked})
    gap = Gap.objects.create(
        brand_id=case.brand_id,
        question=question,
        detail=detail,
        asked=asked,
        by=by,
        due_at=due_at,
        press=press,
    )
    _wait(gap, case, by)
    named = asked.user.name.replace(" ", ".") or asked.user.email
    cases.write_note(case, f"@{named} {question}\n{detail}".strip(), by=by)
    return gap


@transaction.atomic
def join(gap: Gap, case: Case, *, by: Member) -> None:
    """One more customer waits for the same answer. Raises NotPossible when it has come meanwhile."""
    _may(by)
    gap = Gap.objects.select_for_update(of=("self",)).get(pk=gap.pk, brand=case.brand_id)
    if gap.answered_at:
        raise NotPossible(_("It has been answered meanwhile: look among the answers."))
    _wait(gap, case, by)


def _wait(gap: Gap, case: Case, by: Member) -> None:
    _row, is_new = Waiting.objects.get_or_create(
        gap=gap, case=case, defaults={"brand_id": case.brand_id, "by": by}
    )
    private = spoke_last_in_private(case)
    if is_new and not draft_of(case, by, private):
        save_draft(case, by, private=private, text=holding_reply(gap, case))
    cases.announce(case)


def holding_reply(gap: Gap, case: Case) -> str:
    """Honest and human: that somebody asks, and when they hear. It leaves in the agent’s own words, or not at all."""
    due = gap.due_at.astimezone(ZoneInfo(case.brand.time_zone))
    today = timezone.now().astimezone(due.tzinfo).date()
    when = formats.date_format(due, "H:i" if due.date() == today else "l, H:i")
    own = _("Say back what %(name)s wants to know, in your own words.") % {"name": name_of(case.person)}
    return f"{MARK_OPENS}{own}{MARK_CLOSES} " + _(
        "I don’t want to guess, so I’m asking the people who decide. You’ll hear from me by %(when)s."
    ) % {"when": when}


@transaction.atomic
def answer(gap: Gap, *, by: Member, text: str, own: str, private: str = "") -> Version:
    """The owner’s answer: it becomes the answer of record. Whoever may approve does so by answering; else it waits for one who may.

    Raises NotPossible when somebody has answered meanwhile.
    """
    gap = (
        Gap.objects.select_for_update(of=("self",))
        .select_related("brand", "answered_by__user")
        .get(pk=gap.pk)
    )
    if gap.answered_at:
        raise NotPossible(_("%(name)s has answered already.") % {"name": gap.answered_by or _("Somebody")})
    if by != gap.asked and not by.may(Permission.CHANGE_PLAYBOOK) and not by.may(Permission.APPROVE_ANSWERS):
        raise NotPossible(_("This was asked of %(name)s.") % {"name": gap.asked})
    blocks = [Block(OWN, own), Block(ANYWHERE, text), *([Block("private", private)] if private else [])]
    until = timezone.localdate() + HOLDS_FOR
    content = Content(
        title=gap.question, wordings=(gap.question,), blocks=tuple(blocks), valid_until=until.isoformat()
    )
    version = playbook.write(
        gap.brand, content, by=by, owner=gap.asked, why=_("The answer to a question of customers")
    )
    gap.answered_by, gap.answered_at, gap.answer = by, timezone.now(), version.answer
    gap.save(update_fields=["answered_by", "answered_at", "answer"])
    if by.may(Permission.APPROVE_ANSWERS):
        approve(version, by=by)
    for waiting in gap.waiting.select_related("case"):
        cases.announce(waiting.case)
    return version


@transaction.atomic
def approve(version: Version, *, by: Member) -> None:
    """Approve an answer of record; where customers wait for it, it goes back to each of them, as a draft."""
    if playbook.approve(version, by=by):
        answered = Answer.objects.select_related("current").get(pk=version.answer_id)
        waiting = Waiting.objects.filter(gap__answer=answered, prepared_at=None)
        for row in waiting.select_for_update(of=("self",)).select_related(
            "case__brand", "case__assignee", "by"
        ):
            _prepare(row, answered, by)


def _prepare(row: Waiting, answered: Answer, approver: Member) -> None:
    """The answer as a draft of whoever has the case, which stands on top of the queue again."""
    case = row.case.merged_into if row.case.merged_into_id and row.case.merged_into else row.case
    writer = case.assignee if case.assignee and case.assignee.may(Permission.REPLY) else row.by
    private = spoke_last_in_private(case)
    text = uses.put_in(answered, case, by=writer, private=private)
    before = draft_of(case, writer, private)
    save_draft(case, writer, private=private, text=f"{before}\n\n{text}".strip())
    row.prepared_at = timezone.now()
    row.save(update_fields=["prepared_at"])
    if case.is_open:
        case.snoozes.filter(ended_at=None).update(ended_at=timezone.now())
        case.state, case.hurts_at, case.unread = Case.State.WAITING, timezone.now(), True
        case.save(update_fields=["state", "hurts_at", "unread"])
    told = _("“%(question)s” is answered. It lies as a draft, for your own words.") % {"question": answered}
    cases.write_note(case, told, by=approver)


def spoke_last_in_private(case: Case) -> bool:
    last = (
        case.messages.filter(outbound=False)
        .order_by("-published_at", "-id")
        .values_list("private", flat=True)
    )
    return bool(last.first())


def may_be_asked(member: Member) -> bool:
    rights = (Permission.ANSWER_QUESTION, Permission.CHANGE_PLAYBOOK, Permission.APPROVE_ANSWERS)
    return any(member.may(right) for right in rights)


def _may(by: Member) -> None:
    if not by.may(Permission.REPLY):
        raise NotPossible(_("Your role does not answer customers."))
