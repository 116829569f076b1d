"""Whether a reply needs a second person, their yes, and what it is about: known issues, and the subjects of the answers of record.

There is no tree of topics yet. What is known of a case instead is true: the customer speaks of a known issue, an answer was used
on the case, or one fits what was said.
"""

from __future__ import annotations

from django.db import transaction

from hark.brands.models import Brand, Member
from hark.cases.models import Case
from hark.playbook import suggesting
from hark.playbook.models import Answer
from hark.replies import approving, voice
from hark.replies.models import Approval, ApprovalRule

from .coaching import let_through

FITTING = 3  # answers that are looked at, the best


def rule_for(case: Case, *, by: Member, text: str, private: bool) -> ApprovalRule | None:
    """The rule by which this reply needs a second person; None when it may leave at once."""
    return approving.rule_for(approving.Outgoing(case, by, private, text, topics_of))


@transaction.atomic
def approve(
    approval: Approval, *, by: Member, seen_version: int, text: str | None = None, why: str = ""
) -> Approval:
    """As `approving.approve`; the coach looks at the approver's own words (`text`) as at anybody's. Raises Held too."""
    replies = list(approval.replies.order_by("position"))
    if text is not None and replies and text.strip() != "\n".join(reply.text for reply in replies):
        first = replies[0]
        let_through(approval.case, text, by=by, private=first.private, purpose=first.purpose, why=why)
    return approving.approve(approval, by=by, seen_version=seen_version, text=text)


def topics_of(case: Case, said: str) -> set[str]:
    """Known issues that are spoken of, and subjects of the answers that were used on the case or fit what was said."""
    issues = case.brand.voice.get("known_issues", [])
    spoken_of = {str(issue) for issue in issues if voice.speaks_of(str(issue), said)}
    used = case.answer_uses.values_list("answer_id", flat=True)
    fitting = [hit.answer for hit in suggesting.suggest(case.brand_id, said, limit=FITTING)]
    answers = Answer.objects.filter(pk__in=[*used, *fitting]).exclude(subject="")
    return spoken_of | set(answers.values_list("subject", flat=True))


def topics_to_choose(brand: Brand) -> list[str]:
    """What a rule may name, in order."""
    subjects = Answer.objects.filter(brand=brand, retired_at=None).exclude(subject="")
    names = {*subjects.values_list("subject", flat=True), *brand.voice.get("known_issues", [])}
    return sorted(names, key=str.casefold)
