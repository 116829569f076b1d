"""Where a reply is written: in public or in private, never in doubt which."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.brands.models import Member
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Message
from hark.cases.templatetags.cases import name_of
from hark.cases.views.shared import case_for, case_url, done, works
from hark.channels.abilities import WritesLate
from hark.channels.base import Attachments, Capabilities, TextLimit
from hark.channels.models import Account
from hark.journeys.addressing import address
from hark.journeys.coaching import Held, findings
from hark.journeys.reply import SomebodyAnswered, queue
from hark.replies import actions
from hark.replies.coach import Finding
from hark.replies.counting import count, fits, parts
from hark.replies.forms import ReplyForm
from hark.replies.models import Draft, Reply, ReplyFile

MOST_AT_ONCE = 4  # findings; the others are one press away
GOOD = {
    ("name", "used"): gettext_lazy("Their name"),
    ("feeling", "yes"): gettext_lazy("How it is for them"),
    ("offers_help", "yes"): gettext_lazy("Offers help"),
    ("apology", "sympathy"): gettext_lazy("Sympathy"),
    ("asks_private_data", "in_private"): gettext_lazy("Details in private"),
    ("crisis", "own"): gettext_lazy("Own words, in a crisis"),
}


def good_of(found: Sequence[Finding]) -> list[str]:
    """What is right with a draft already, in a word each."""
    return [str(GOOD[key]) for one in found if one.level == "ok" and (key := (one.check, one.value)) in GOOD]


@dataclass
class Composer:
    """Everything the composer shows. `blocked` says why nothing can be sent from here; `problem` why it was not just now."""

    case: Case
    private: bool
    text: str = ""
    account: Account | None = None
    blocked: str = ""
    late: str = ""  # the window is over: in what form this still leaves
    problem: str = ""
    answered: SomebodyAnswered | None = None
    files: Sequence[ReplyFile] = ()
    saved_at: Any = None
    seen_version: int = 0
    press: uuid.UUID = field(default_factory=uuid.uuid4)
    has_other_draft: bool = False
    query: str = ""
    held: bool = False
    focus: bool = False  # the caret goes there when it is shown
    parts: list[str] = field(default_factory=list)
    findings: Sequence[Finding] = ()

    @property
    def to_change(self) -> list[Finding]:
        """Holds first, then hints."""
        return sorted(
            (one for one in self.findings if one.level != "ok"), key=lambda one: one.level != "hold"
        )

    @property
    def shown_first(self) -> list[Finding]:
        """Every hold and the first hints: more at once would be noise."""
        return [one for at, one in enumerate(self.to_change) if one.level == "hold" or at < MOST_AT_ONCE]

    @property
    def further(self) -> list[Finding]:
        return self.to_change[len(self.shown_first) :]

    @property
    def good(self) -> list[str]:
        return good_of(self.findings)

    @property
    def promised(self) -> str:
        """The words of a promise that the draft makes: one press keeps track of it."""
        return next((one.value for one in self.findings if one.check == "promise" and one.span), "")

    @property
    def is_held(self) -> bool:
        return any(one.level == "hold" for one in self.findings)

    @property
    def to(self) -> str:
        return "private" if self.private else "public"

    @property
    def can(self) -> Capabilities | None:
        return self.account.network.can if self.account else None

    @property
    def limit(self) -> TextLimit | None:
        return self.can.text_limit("private" if self.private else "public") if self.can else None

    @property
    def attachments(self) -> Attachments:
        return self.can.files("private" if self.private else "public") if self.can else Attachments()

    @property
    def takes_files(self) -> bool:
        return self.attachments.max_count > len(self.files)

    @property
    def in_parts(self) -> bool:
        return bool(self.can and self.can.threads_long_text and not self.private)

    @property
    def length(self) -> int:
        return count(self.text.strip(), self.limit.unit) if self.limit else len(self.text)

    @property
    def takes_place(self) -> bool:
        """Whether these words would stand where an earlier answer of ours stands now."""
        if self.private or not (self.can and self.can.one_answer):
            return False
        return Message.objects.filter(case=self.case, outbound=True, private=False, deleted_at=None).exists()

    @property
    def name(self) -> str:
        return name_of(self.case.person)

    @property
    def reach(self) -> str:
        """Who will be able to read it, in a few words."""
        if self.can is None:
            return ""
        if self.private:
            return _("Only %(name)s can read this") % {"name": self.name}
        return _("Everyone on %(network)s can read this") % {"network": self.can.label}


def composer_of(request: AgentRequest, case: Case, *, private: bool | None = None) -> Composer:
    """The composer as the page shows it: the asked-for place (`?to=`), else where the customer spoke last; the draft restored."""
    if private is None:
        private = {"private": True, "public": False}.get(request.GET.get("to", ""))
    if private is None:
        private = _where_they_spoke_last(case)
    drafts = {draft.private: draft for draft in Draft.objects.filter(case=case, member=request.member)}
    draft = drafts.get(private)
    composer = Composer(
        case,
        private,
        text=draft.text if draft else "",
        saved_at=draft.saved_at if draft else None,
        files=actions.pending_files(case, request.member),
        seen_version=case.version,
        has_other_draft=(not private) in drafts,
        query=case_url(case, request).partition("?")[2],
    )
    _find_address(composer)
    composer.parts = _parts(composer)
    _coach(composer, request.member)
    return composer


@works
def composer(request: AgentRequest, pk: int) -> HttpResponse:
    """The composer alone, for a switch of place; without script the whole case page, which shows the same."""
    case = case_for(request, pk)
    if not request.htmx:
        return HttpResponseRedirect(case_url(case, request, to=request.GET.get("to", "")) + "#reply")
    shown = composer_of(request, case)
    shown.focus = True
    return _show(request, shown)


@works
@require_POST
def create(request: AgentRequest, pk: int) -> HttpResponse:
    """Send: the reply waits some seconds in the outbox, where its author can still take it back."""
    case = case_for(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        shown = composer_of(request, case, private=request.POST.get("to") == "private")
        shown.text = request.POST.get("text", shown.text)[: actions.DRAFT_LENGTH]
        shown.problem = _("That form was not complete. Nothing was sent; your words are here.")
        return _refused(request, shown)
    private, text = form.private, form.cleaned_data["text"]
    actions.save_draft(case, request.member, private=private, text=text)
    try:
        _fill_in_alts(request, case)
        files = actions.pending_files(case, request.member)
        sent = queue(
            case,
            by=request.member,
            private=private,
            text=text,
            seen_version=form.cleaned_data["seen_version"],
            confirmed=form.cleaned_data["confirmed"],
            press=form.cleaned_data["press"],
            files=files,
            why_held=form.cleaned_data["why_held"],
        )
    except SomebodyAnswered as news:
        return _stopped(request, case, private, text, news)
    except NotPossible as problem:
        shown = composer_of(request, case, private=private)
        shown.text, shown.problem = text, "" if isinstance(problem, Held) else str(problem)
        _coach(shown, request.member)
        shown.parts = _parts(shown)
        return _refused(request, shown)
    seconds = request.brand.undo_seconds
    said = (
        _("It waits for a second person, who has been asked.")
        if sent[0].state == Reply.State.APPROVAL
        else _("Leaves in %(seconds)s seconds, in private.")
        if private
        else _("Leaves in %(seconds)s seconds, in public.")
    )
    if not request.htmx:
        return HttpResponseRedirect(
            case_url(case, request, to=form.cleaned_data["to"]) + f"#reply-{sent[-1].pk}"
        )
    response = done(request, case, said % {"seconds": seconds})
    del response["HX-Reswap"]
    fresh = composer_of(request, case_for(request, pk), private=private)
    response.content += _show(request, fresh).content
    return response


@works
@require_POST
def draft(request: AgentRequest, pk: int) -> HttpResponse:
    """Keep what is being written, as it is typed."""
    case = case_for(request, pk)
    private = request.POST.get("to") == "private"
    actions.save_draft(case, request.member, private=private, text=request.POST.get("text", ""))
    if "back" in request.POST:
        return HttpResponseRedirect(case_url(case, request, to="private" if private else "public") + "#reply")
    return HttpResponse(status=204)


@works
@require_POST
def preview(request: AgentRequest, pk: int) -> HttpResponse:
    """The reply as the network will show it: its posts, its links and names, its pictures."""
    shown = composer_of(request, case_for(request, pk), private=request.POST.get("to") == "private")
    shown.text = request.POST.get("text", "")[: actions.DRAFT_LENGTH]
    shown.parts = _parts(shown)
    return render(request, "replies/_preview.html", {"composer": shown})


def _coach(composer: Composer, by: Member) -> None:
    if composer.text.strip() and not composer.blocked:
        composer.findings = findings(
            composer.case, composer.text, private=composer.private, account=composer.account, by=by
        )


def _find_address(composer: Composer) -> None:
    try:
        where = address(composer.case, private=composer.private)
    except NotPossible as problem:
        composer.blocked = str(problem)
        return
    composer.account = where.account
    composer.held = where.account.health == Account.Health.RECONNECT
    network = where.account.network
    window = network.can.window
    if window and composer.private and where.parent and timezone.now() - where.parent.published_at > window:
        composer.late = network.late(where.account.connection()) if isinstance(network, WritesLate) else ""
        if composer.late:
            return
        composer.blocked = _(
            "The time in which %(network)s lets a business answer is over: %(hours)s hours after their last message."
        ) % {
            "network": network.can.label,
            "hours": round(window / timedelta(hours=1)),
        }


def _where_they_spoke_last(case: Case) -> bool:
    if not case.has_private:
        last = Message.objects.filter(case=case, outbound=False).order_by("-published_at", "-id")
        return bool(last.values_list("private", flat=True).first())
    last = Message.objects.filter(case=case).order_by("-published_at", "-id")
    return bool(last.values_list("private", flat=True).first())


def _parts(composer: Composer) -> list[str]:
    text = composer.text.strip()
    if not text or composer.limit is None or fits(text, composer.limit) or not composer.in_parts:
        return [text] if text else []
    return parts(text, composer.limit)


def _fill_in_alts(request: AgentRequest, case: Case) -> None:
    """Words for pictures come along with the reply, one field a picture."""
    for file in actions.pending_files(case, request.member):
        alt = request.POST.get(f"alt-{file.pk}")
        if alt is not None and alt != file.alt:
            file.alt = alt.replace("\0", "")[:1000]
            file.save(update_fields=["alt"])


def _stopped(
    request: AgentRequest, case: Case, private: bool, text: str, news: SomebodyAnswered
) -> HttpResponse:
    """Somebody was quicker: show what they said, keep the words, and let the author decide again, having seen it."""
    shown = composer_of(request, case_for(request, case.pk), private=private)
    shown.text, shown.answered = text, news
    shown.parts = _parts(shown)
    return _refused(request, shown)


def _show(request: AgentRequest, composer: Composer, status: int = 200) -> HttpResponse:
    return render(
        request, "replies/_composer.html", {"composer": composer, "case": composer.case}, status=status
    )


def _refused(request: AgentRequest, shown: Composer) -> HttpResponse:
    """422 with the words kept: the composer alone for a script, the whole case page otherwise."""
    shown.focus = True
    if request.htmx:
        return _show(request, shown, status=422)
    from hark.cases.views.case import page_with

    return page_with(request, shown.case, composer=shown, status=422)
