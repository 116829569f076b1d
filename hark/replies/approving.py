"""A second person looks before certain replies leave (mission A6). What they said yes to is what leaves, to the letter.

The rows of a reply wait in the outbox; an approval beside them says why, until when, and for exactly which words. All
verbs lock those rows, then the approval: of two approvers, two tabs or two presses, one decides and the others are told.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.jobs import send_later
from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.live import bus, topics
from hark.triage import risk

from .actions import draft_of, save_draft
from .counting import fits
from .models import Approval, ApprovalRule, Reply, ReplyFile

READ_FOR_WORDS = 10  # of the customer's last messages


@dataclass(frozen=True)
class Outgoing:
    """A reply that may need a second person, and what the customer said lately. What few rules ask for is found when asked."""

    case: Case
    by: Member
    private: bool
    text: str
    topics_of: Callable[[Case, str], Set[str]]

    @cached_property
    def said(self) -> str:
        """The reply's words and those of the customer's last messages."""
        rows = self.case.messages.filter(outbound=False, deleted_at=None).order_by("-id")
        return "\n".join([self.text, *rows.values_list("text", flat=True)[:READ_FOR_WORDS]])

    @cached_property
    def words(self) -> str:
        return self.said.casefold()

    @cached_property
    def tags(self) -> set[int]:
        return set(self.case.tags.values_list("pk", flat=True))

    @cached_property
    def topics(self) -> Set[str]:
        return self.topics_of(self.case, self.said)

    @cached_property
    def risks(self) -> set[str]:
        return {found.risk.value for found in risk.find(self.said)}

    @cached_property
    def money(self) -> Decimal:
        return risk.most_money(self.said)


def rule_for(outgoing: Outgoing) -> ApprovalRule | None:
    """The first rule of the brand by which this reply needs a second person; None when it may leave at once."""
    rules = ApprovalRule.objects.filter(brand=outgoing.case.brand_id)
    return next((rule for rule in rules if _holds(rule, outgoing)), None)


def ask(rows: Sequence[Reply], rule: ApprovalRule, *, by: Member) -> Approval:
    """The reply waits, and whoever may approve sees it."""
    now, case = timezone.now(), rows[0].case
    approval = Approval.objects.create(
        brand_id=case.brand_id,
        case=case,
        batch=rows[0].batch,
        rule=rule,
        because=rule.name,
        asked_by=by,
        asked_at=now,
        due_at=now + timedelta(minutes=rule.minutes),
        digest=digest(rows),
    )
    record(case, Event.Kind.APPROVAL_ASKED, by=by, why=rule.name, approval=approval.pk)
    bus.publish(topics.queue(case.brand_id))
    return approval


@transaction.atomic
def approve(approval: Approval, *, by: Member, seen_version: int, text: str | None = None) -> Approval:
    """Let the reply leave; with `text`, changed by the approver. It can still be taken back for the usual seconds.

    Raises NotPossible when somebody has decided, for one's own reply, and when something was said that the approver's
    screen (`seen_version`, the case's) did not show.
    """
    case, rows, row = _lock(approval, by)
    if seen_version < case.version:
        raise NotPossible(_("Something new was said in this case. Read it, then decide."))
    changed = text is not None and _change(rows, row, text)
    now = timezone.now()
    due_at = now + timedelta(seconds=case.brand.undo_seconds)
    Reply.objects.filter(batch=row.batch).update(state=Reply.State.QUEUED, queued_at=now, due_at=due_at)
    _decide(row, Approval.State.APPROVED, by)
    record(case, Event.Kind.APPROVED, by=by, why=row.because, approval=row.pk, changed=changed)
    return row


@transaction.atomic
def send_back(approval: Approval, *, by: Member, comment: str) -> Approval:
    """Back to its author as a draft, with a word why. Raises NotPossible without one."""
    comment = comment.replace("\0", "").strip()[:1000]
    if not comment:
        raise NotPossible(_("Say in a few words what should change."))
    case, rows, row = _lock(approval, by)
    Reply.objects.filter(batch=row.batch).update(state=Reply.State.WITHDRAWN)
    ReplyFile.objects.filter(reply__in=rows).update(reply=None)
    private, words = rows[0].private, "\n".join(reply.text for reply in rows)
    written = draft_of(case, row.asked_by, private)  # what its author writes there meanwhile
    save_draft(case, row.asked_by, private=private, text=f"{words}\n\n{written}".strip())
    row.comment = comment
    _decide(row, Approval.State.SENT_BACK, by)
    record(case, Event.Kind.SENT_BACK, by=by, why=comment, approval=row.pk)
    return row


def check(reply: Reply) -> None:
    """Called last before a reply leaves. Raises NotPossible unless what leaves is what a second person said yes to."""
    approval = Approval.objects.filter(batch=reply.batch).first()
    if approval is None:
        return
    if approval.state != Approval.State.APPROVED:
        raise NotPossible(_("Nobody has approved this reply."))
    if digest(list(approval.replies)) != approval.digest:
        raise NotPossible(_("This is not what was approved. Send it anew, and ask again."))


def digest(rows: Sequence[Reply]) -> str:
    """Of all that the customer would get, and where: texts, pictures and their words, links, account and thread."""
    what = [
        [row.text, row.private, row.account_id, row.thread_id, row.answers_id, row.handoff, row.handoff_url]
        + [[file.stored, file.alt] for file in row.files.order_by("id")]
        for row in rows
    ]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def escalate_due(most: int = 50) -> int:
    """Tell everybody who may approve of what nobody has looked at in time, once; how many replies those are."""
    now = timezone.now()
    with transaction.atomic():
        rows = Approval.objects.select_for_update(skip_locked=True, of=("self",)).waiting()
        late = list(
            rows.filter(due_at__lte=now, escalated_at=None).select_related("case__brand", "asked_by__user")[
                :most
            ]
        )
        for approval in late:
            names = _escalate(approval)
            approval.escalated_at = now
            approval.save(update_fields=["escalated_at"])
            why = (
                _("Told: %(names)s.") % {"names": ", ".join(names)}
                if names
                else _("Nobody else may approve.")
            )
            record(approval.case, Event.Kind.APPROVAL_LATE, why=why, approval=approval.pk)
            bus.publish(topics.case(approval.case_id), topics.queue(approval.brand_id))
    return len(late)


def approvers(brand_id: int, *, but: Member | None = None) -> list[Member]:
    members = (
        Member.objects.active().filter(brand=brand_id).select_related("user").order_by("user__name", "pk")
    )
    return [member for member in members if member.may(Permission.APPROVE_DRAFTS) and member != but]


def _holds(rule: ApprovalRule, outgoing: Outgoing) -> bool:
    case, newcomer = outgoing.case, rule.newcomer_days
    return not (
        (rule.public_only and outgoing.private)
        or (rule.tag_id and rule.tag_id not in outgoing.tags)
        or (rule.team_id and rule.team_id != case.team_id)
        or (rule.priority and case.priority > rule.priority)
        or (newcomer and outgoing.by.joined_at < timezone.now() - timedelta(days=newcomer))
        or (rule.words and not any(_stands(word, outgoing.words) for word in rule.words))
        or (rule.money_above is not None and outgoing.money <= rule.money_above)
        or (rule.risks and outgoing.risks.isdisjoint(rule.risks))
        or (rule.topic and rule.topic not in outgoing.topics)
    )


def _stands(word: str, text: str) -> bool:
    """As a word of its own; `injur*` stands for every word that begins so."""
    ends = "" if word.endswith("*") else r"(?!\w)"
    return bool(re.search(rf"(?<!\w){re.escape(word.casefold().rstrip('*'))}{ends}", text))


def _lock(approval: Approval, by: Member) -> tuple[Case, list[Reply], Approval]:
    case = Case.objects.select_for_update(of=("self",)).select_related("brand").get(pk=approval.case_id)
    rows = list(Reply.objects.select_for_update().filter(batch=approval.batch).order_by("position"))
    row = (
        Approval.objects.select_for_update(of=("self",))
        .select_related("asked_by", "decided_by__user")
        .get(pk=approval.pk)
    )
    if not by.may(Permission.APPROVE_DRAFTS) or by.brand_id != row.brand_id:
        raise NotPossible(_("Your role does not approve replies."))
    if row.asked_by_id == by.pk:
        raise NotPossible(_("Nobody approves their own reply. Somebody else has to look."))
    if row.state != Approval.State.WAITING:
        who = row.decided_by or row.asked_by
        raise NotPossible(
            _("%(name)s was quicker: %(state)s.") % {"name": who, "state": row.get_state_display()}
        )
    return case, rows, row


def _change(rows: list[Reply], row: Approval, text: str) -> bool:
    """The approver's words in place of the author's, which stay on record; False when they are the same."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    before = "\n".join(reply.text for reply in rows)
    if text == before:
        return False
    reply = rows[0]
    limit = reply.account.network.can.text_limit("private" if reply.private else "public")
    if len(rows) > 1 or not text or (limit and not fits(text, limit)):
        raise NotPossible(_("This does not fit into one post. Send it back, and say what should change."))
    if reply.handoff_url and reply.handoff_url not in text:
        raise NotPossible(_("The link by which the customer gets to private has to stay."))
    reply.text = text
    reply.save(update_fields=["text"])
    row.asked_text, row.digest = before, digest(rows)
    return True


def _decide(row: Approval, state: Approval.State, by: Member) -> None:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "comment", "asked_text", "digest"])
    bus.publish(topics.case(row.case_id), topics.queue(row.brand_id))


def _escalate(approval: Approval) -> list[str]:
    told = approvers(approval.brand_id, but=approval.asked_by)
    for member in told:
        link = f"{settings.HARK_PUBLIC_URL}/b/{approval.case.brand.slug}/approvals/#approval-{approval.pk}"
        body = render_to_string(
            "replies/approval_mail.txt", {"member": member, "approval": approval, "link": link}
        )
        send_later(to=member.user.email, subject=_("A reply waits for your yes"), body=body)
    return [str(member) for member in told]
