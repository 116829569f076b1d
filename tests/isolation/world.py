"""Two brands that hold one of everything. In the foreign one every text carries a canary that must never be seen elsewhere."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Value
from django.db.models.functions import Cast
from django.utils import timezone

from hark.actions import declaring
from hark.actions.models import Action, Run
from hark.brands import actions
from hark.brands.models import Brand, Location, Member, Team
from hark.brands.permissions import Role
from hark.cases import regrouping
from hark.cases.models import Case, Media, Message, Note, Presence, Snooze, Step, Tag
from hark.cases.words import vector
from hark.channels.models import Account, Delivery
from hark.channels.networks.practice import world as practice
from hark.clocks.models import Promise
from hark.crisis.models import Incident
from hark.customers.models import Merge, Person, Profile
from hark.moves.models import Move
from hark.playbook import actions as playbook
from hark.playbook import content as parts
from hark.playbook import suggesting
from hark.playbook.models import Gap, Suggestion, Use, Version, Waiting
from hark.replies.models import Approval, ApprovalRule, Draft, Reply, ReplyFile
from hark.secure.models import AskedForm, SecurePage
from hark.visits.models import Visit
from tests.stories.speaking import Network

CANARY = "kanari"
COMMON = "pushchair"  # a word that both brands' customers use: what a search is made for
MISSING = 900_000_000_000


@dataclass
class Place:
    """A brand with one of everything: `rows` by the names that table.SAMPLES uses."""

    brand: Brand
    rows: dict[str, Any] = field(default_factory=dict)

    def value(self, sample: str | int) -> Any:
        return self.rows[sample].pk if sample in self.rows else sample


def people_of(brand: Brand) -> dict[str, Member]:
    """A member for every role, one with all of them, and one who has left."""
    seats = {role: [role] for role in Role.values} | {"every role": [*Role.values]}
    members = {}
    for name, roles in seats.items():
        email = f"{name.replace(' ', '-')}@{brand.slug}.example"
        members[name] = actions.add_member(brand, email, roles, name=f"{name.title()} Person")
    gone = actions.add_member(brand, f"gone@{brand.slug}.example", [*Role.values])
    gone.left_at = timezone.now()
    gone.save()
    members["somebody who left"] = gone
    return members


def settle(slug: str, mark: str) -> Place:
    """Found a brand and put one of everything into it; `mark` stands in every text."""
    now = timezone.now()
    brand = actions.add_brand(f"{mark} {slug.title()}", slug=slug)
    colleague = actions.add_member(
        brand, f"{mark}-ruth@{slug}.example", [*Role.values], name=f"Ruth {mark}-Moreau"
    )
    team = Team.objects.create(brand=brand, name=f"{mark}-team")
    location = Location.objects.create(brand=brand, name=f"{mark}-location")
    colleague.teams.add(team)
    colleague.locations.add(location)
    invitation, _path = actions.invite(brand, f"{mark}-guest@{slug}.example", ["agent"], by=colleague)

    practice.open_world(slug, handle=f"@{mark}-{slug}", name=f"{mark}-{slug}", is_live=False, arrivals=False)
    account = Account(
        brand=brand, channel="practice", external_id=slug, handle=f"@{mark}-{slug}", name=f"{mark}-account"
    )
    account.last_error = f"{mark}-error"
    account.seal({"hook_secret": "s", "note": f"{mark}-credential"})
    account.save()
    network = Network(account)
    network.says(f"{mark}-maya", f"{mark}-post: the {COMMON} is broken")
    network.says(f"{mark}-omar", f"{mark}-other: where is my {COMMON}?")
    network.says(f"{mark}-lena", f"{mark}-third: no {COMMON} at all")
    network.says(f"{mark}-finn", f"{mark}-fourth: a {COMMON} too many")
    case, source, private_case, merged = Case.objects.filter(brand=brand).order_by("pk")
    message = case.messages.get()
    place = Place(brand)
    _dress(case, colleague, team, location, mark, now)

    outbound = _said(
        message, case, colleague, f"{mark}-out{slug}", text=f"{mark}-answer {COMMON}", outbound=True
    )
    hidden = _said(
        message, private_case, None, f"{mark}-dm{slug}", text=f"{mark}-secret {COMMON}", private=True
    )
    stored = _file(f"{mark}-media-{slug}.txt", f"{mark}-media bytes")
    media = Media.objects.create(
        message=message, kind="file", url=f"https://x.example/{mark}-url", alt=f"{mark}-alt", stored=stored
    )
    reply = Reply.objects.create(
        brand=brand,
        case=case,
        account=account,
        thread=message.thread,
        answers=message,
        author=colleague,
        private=False,
        text=f"{mark}-reply",
        due_at=now + timedelta(days=1),
    )
    picture = ReplyFile.objects.create(
        reply=reply,
        brand=brand,
        case=case,
        member=colleague,
        name=f"{mark}-picture.png",
        content_type="image/png",
        stored=_file(f"{mark}-picture-{slug}.png", f"{mark}-picture bytes"),
        alt=f"{mark}-picture alt",
    )
    person, other = case.person, source.person
    Person.objects.filter(pk=person.pk).update(about=f"{mark}-about")
    Profile.objects.filter(brand=brand).update(name=f"{mark}-profile")
    gone = Person.objects.create(brand=brand, name=f"{mark}-gone", merged_into=other)
    action = declaring.refund(brand, "https://refunds.example/pay")
    Action.objects.filter(pk=action.pk).update(name=f"{mark}-action")
    place.rows = {
        "action": action,
        "run": Run.objects.create(
            brand=brand,
            case=case,
            action=action,
            by=colleague,
            press=uuid.uuid4(),
            values={"reason": f"{mark}-taxi"},
            amount=Decimal(40),
            state=Run.State.APPROVAL,
        ),
        "case": case,
        "source_case": source,
        "private_case": private_case,
        "message": outbound,
        "inbound": message,
        "private_message": hidden,
        "thread": message.thread,
        "media": media,
        "picture": picture,
        "reply": reply,
        "person": person,
        "other_person": private_case.person,
        "merge": Merge.objects.create(brand=brand, kept=other, gone=gone, by=colleague),
        "regrouping": regrouping.merge(merged, into=source, by=colleague),
        "approval_rule": ApprovalRule.objects.create(
            brand=brand, name=f"{mark}-rule", words=[f"{mark}-word"]
        ),
        "approval": Approval.objects.create(
            brand=brand,
            case=case,
            batch=reply.batch,
            because=f"{mark}-because",
            asked_by=colleague,
            due_at=now,
            digest="0" * 64,
        ),
        "incident": Incident.objects.create(brand=brand, what=f"{mark}-incident", declared_by=colleague),
        "promise": Promise.objects.create(
            brand=brand,
            case=case,
            what=f"{mark}-promise",
            due_at=now + timedelta(days=1),
            remind_at=now,
            zone="UTC",
            owner=colleague,
            by=colleague,
        ),
        "tag": case.tags.get(),
        "team": team,
        "location": location,
        "member": colleague,
        "invitation": invitation,
        "account": account,
        "delivery": Delivery.objects.create(
            brand=brand,
            account=account,
            event_key=f"{mark}-bad",
            raw=f"{mark}-raw".encode(),
            state=Delivery.State.UNREADABLE,
            problem=f"{mark}-problem",
        ),
        "move": Move.objects.create(brand=brand, case=case, by=colleague, reason="details", mechanism="dm"),
        "visit": Visit.objects.create(
            brand=brand,
            account=account,
            token_hash=hashlib.sha256(secrets.token_bytes(8)).hexdigest(),
            author_id=f"visitor:{mark}",
            name=f"{mark}-visitor",
            thread_name=f"{mark}-chat",
            expires_at=now + timedelta(days=1),
        ),
    }
    place.rows["asked_form"] = AskedForm.objects.create(
        brand=brand, name=f"{mark}-form", lines=f"{mark}-question *"
    )
    place.rows["secure_page"] = SecurePage.objects.create(
        brand=brand,
        case=case,
        move=place.rows["move"],
        by=colleague,
        token_hash=hashlib.sha256(secrets.token_bytes(8)).hexdigest(),
        wish=f"{mark}-wish",
        email=f"{mark}@mail.example",
        open_until=now + timedelta(days=1),
        closes_at=now + timedelta(days=1),
        keep_days=30,
    )
    place.rows.update(_playbook(place, mark, now))
    return place


def _playbook(place: Place, mark: str, now: Any) -> dict[str, Any]:
    """An answer of record that was said, one that waits for approval, a suggestion, and a question that is open."""
    brand, case, colleague = place.brand, place.rows["case"], place.rows["member"]
    content = parts.Content(
        title=f"{mark}-question {COMMON}",
        about=f"{mark}-about",
        wordings=(f"{mark}-wording {COMMON}",),
        blocks=(parts.Block("own", f"{mark}-own"), parts.Block("any", f"{mark}-fixed {COMMON} {{limit}}")),
        facts=(parts.Fact("limit", (parts.Value(f"{mark}-value", location=place.rows["location"].pk),)),),
    )
    approved = playbook.write(brand, content, by=colleague, subject=f"{mark}-baggage")
    playbook.approve(approved, by=colleague)
    answer = approved.answer
    waiting: Version = playbook.write(
        brand, content, by=colleague, answer=answer, owner=colleague, why=f"{mark}-why", based_on=1
    )
    answer.refresh_from_db()
    suggesting.file(answer)
    gap = Gap.objects.create(
        brand=brand,
        question=f"{mark}-gap",
        detail=f"{mark}-detail",
        asked=colleague,
        by=colleague,
        due_at=now + timedelta(hours=4),
        press=uuid.uuid4(),
    )
    Waiting.objects.create(brand=brand, gap=gap, case=case, by=colleague)
    Use.objects.create(
        brand=brand,
        version=approved,
        answer=answer,
        case=case,
        member=colleague,
        private=False,
        reply=place.rows["reply"],
        facts=[{"name": "limit", "value": f"{mark}-old"}],
    )
    suggestion = Suggestion.objects.create(brand=brand, answer=answer, text=f"{mark}-better", by=colleague)
    return {"answer": answer, "version": waiting, "gap": gap, "suggestion": suggestion}


def _dress(case: Case, colleague: Member, team: Team, location: Location, mark: str, now: Any) -> None:
    """Everything that hangs on a case and has words of its own."""
    brand = case.brand
    Case.objects.filter(pk=case.pk).update(
        subject=f"{mark}-subject {COMMON}", team=team, location=location, assignee=colleague
    )
    case.tags.add(Tag.objects.create(brand=brand, name=f"{mark}-tag"))
    note = Note.objects.create(brand=brand, case=case, member=colleague, text=f"{mark}-note @ruth")
    note.mentions.add(colleague)
    Snooze.objects.create(
        brand=brand,
        case=case,
        by=colleague,
        until=now + timedelta(days=1),
        reason=f"{mark}-nap",
        ended_at=now,
    )
    Step.objects.create(brand=brand, case=case, name=1, by=colleague, skipped=True, reason=f"{mark}-skipped")
    Presence.objects.create(case=case, member=colleague, writing=True)
    for private in (False, True):
        Draft.objects.create(brand=brand, case=case, member=colleague, private=private, text=f"{mark}-draft")
    case.refresh_from_db()


def _said(message: Message, case: Case, member: Member | None, external_id: str, **values: Any) -> Message:
    said = Message.objects.create(
        brand=message.brand,
        thread=message.thread,
        case=case,
        profile=message.profile,
        member=member,
        account_id_at=message.account_id_at,
        external_id=external_id,
        published_at=message.published_at + timedelta(minutes=1),
        **values,
    )
    Message.objects.filter(pk=said.pk).update(search=Cast(Value(vector(said.text)), SearchVectorField()))
    return said


def _file(name: str, content: str) -> str:
    path = Path(settings.HARK_MEDIA) / "isolation" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return f"isolation/{name}"
