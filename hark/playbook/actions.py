"""Plain verbs on answers of record: write, approve, retire, suggest a better one."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Brand, Member
from hark.brands.permissions import Permission
from hark.web.problems import NotPossible

from . import suggesting
from .content import Content
from .models import Answer, Suggestion, Version


@transaction.atomic
def write(
    brand: Brand,
    content: Content,
    *,
    by: Member,
    answer: Answer | None = None,
    subject: str = "",
    owner: Member | None = None,
    why: str = "",
    based_on: int = 0,
    press: uuid.UUID | None = None,
) -> Version:
    """A new version of an answer, or a new answer; it waits for approval. The same press again gives the same version.

    Raises NotPossible for what can't be an answer, a question that has one, or when somebody wrote a version after
    `based_on`.
    """
    if press and (before := Version.objects.filter(brand=brand, press=press).first()):
        return before
    content.check()
    if answer:
        answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
        if answer.retired_at:
            raise NotPossible(_("This answer was retired."))
    taken = Answer.objects.filter(brand=brand, title__iexact=content.title, retired_at=None)
    if (taken.exclude(pk=answer.pk) if answer else taken).exists():
        raise NotPossible(_("There is an answer to “%(title)s” already.") % {"title": content.title})
    if answer is None:
        answer = Answer.objects.create(brand=brand, title=content.title, subject=subject, owner=owner or by)
    else:
        answer.subject, answer.owner = subject, owner
        answer.save(update_fields=["subject", "owner"])
    newest = answer.versions.first()
    if newest and newest.number > based_on:
        raise NotPossible(
            _("%(name)s wrote version %(number)s meanwhile. Look at it, then save again.")
            % {"name": newest.by or _("Somebody"), "number": newest.number}
        )
    return Version.objects.create(
        brand=brand, answer=answer, number=newest.number + 1 if newest else 1, kept=content.as_json(), why=why,
        by=by, press=press,
    )  # fmt: skip


@transaction.atomic
def approve(version: Version, *, by: Member) -> bool:
    """From now on this is what is said; whether this press did it. Raises NotPossible for a version that was overtaken."""
    if not by.may(Permission.APPROVE_ANSWERS):
        raise NotPossible(_("Your role does not approve answers."))
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=version.answer_id)
    version = Version.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if version.approved_at:
        return False
    if answer.retired_at:
        raise NotPossible(_("This answer was retired."))
    if answer.versions.filter(number__gt=version.number).exists():
        raise NotPossible(_("There is a newer version. Look at that one."))
    content = version.content
    if Answer.objects.filter(brand=answer.brand_id, title__iexact=content.title, retired_at=None).exclude(
        pk=answer.pk
    ):
        raise NotPossible(_("There is an answer to “%(title)s” already.") % {"title": content.title})
    version.approved_by, version.approved_at = by, timezone.now()
    version.save(update_fields=["approved_by", "approved_at"])
    answer.title, answer.current = content.title, version
    answer.valid_from, answer.valid_until = _day(content.valid_from), _day(content.valid_until)
    answer.save(update_fields=["title", "current", "valid_from", "valid_until"])
    suggesting.file(answer)
    return True


def _day(iso: str) -> date | None:
    return date.fromisoformat(iso) if iso else None


@transaction.atomic
def retire(answer: Answer, *, by: Member, why: str) -> None:
    """Nobody says this any more; where it was said stays on its page."""
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if answer.retired_at:
        return
    if not why.strip():
        raise NotPossible(_("Say in a few words why it is retired."))
    answer.retired_at, answer.retired_by, answer.retired_why = timezone.now(), by, why.strip()
    answer.save(update_fields=["retired_at", "retired_by", "retired_why"])
    suggesting.file(answer)


def suggest_better(answer: Answer, text: str, *, by: Member) -> Suggestion:
    """What somebody would say instead. The same words twice are one suggestion. Raises NotPossible when empty."""
    text = " ".join(text.split())
    if not text:
        raise NotPossible(_("Write what would be better."))
    row, _made = Suggestion.objects.get_or_create(
        brand_id=answer.brand_id, answer=answer, by=by, text=text[:2000], closed_at=None
    )
    return row


def close_suggestion(suggestion: Suggestion, *, by: Member, taken: bool) -> None:
    """What became of it; the first to decide decides."""
    Suggestion.objects.filter(pk=suggestion.pk, closed_at=None).update(
        taken=taken, closed_by=by, closed_at=timezone.now()
    )
