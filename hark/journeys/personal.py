"""Personal details that a customer wrote: shown to whoever has a reason, and asked to be taken out of public view (mission P4)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event, Message
from hark.cases.templatetags.cases import hidden_in
from hark.replies.actions import draft_of, save_draft


def may_reveal(case: Case, member: Member) -> bool:
    """Whoever reads every case by their role; an agent where the case is theirs."""
    if not member.may(Permission.REVEAL):
        return False
    return member.may(Permission.READ_ALL_CASES) or case.assignee_id == member.pk


@transaction.atomic
def reveal(case: Case, message: Message, *, by: Member, reason: str) -> list[tuple[str, str]]:
    """(what it is, the detail) of everything covered in the message; noted first. Raises NotPossible."""
    if not may_reveal(case, by):
        raise NotPossible(_("Take the case first: details are shown to whoever works on it."))
    spans = hidden_in(message, case.brand)
    if spans:
        kinds = sorted({span.kind for span in spans})
        record(case, Event.Kind.REVEALED, by=by, why=reason, message=message.pk, kinds=kinds)
    return [(span.label, message.text[span.start : span.end]) for span in spans]


def ask_to_remove(case: Case, message: Message, *, by: Member) -> None:
    """A public draft that asks for it kindly and repeats nothing. Raises NotPossible while something else is being written."""
    if draft_of(case, by, False):
        raise NotPossible(_("You are writing in public already. Send that first, or empty it."))
    what = ", ".join(dict.fromkeys(span.label for span in hidden_in(message, case.brand)))
    if not what:
        raise NotPossible(_("No personal detail was found in this message."))
    name = case.person.name.split(" ")[0] if case.person.name else ""
    line = _(
        "to keep you safe, could you take this out of your post: %(what)s? Everybody can read it there."
    ) % {"what": what}
    save_draft(case, by, private=False, text=f"{name}, {line}" if name else line[:1].upper() + line[1:])
