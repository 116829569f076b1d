"""What was sent can be corrected or taken down, and what others said be liked or hidden, where the network can."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import copying
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Event, Media, Message
from hark.cases.words import vector
from hark.channels import oauth
from hark.channels.abilities import Corrects, Hides, Likes
from hark.channels.base import Failure
from hark.channels.models import Account
from hark.live import bus, topics
from hark.replies.counting import fits

from . import second_person
from .coaching import let_through


def correct(message: Message, text: str, *, by: Member, why_held: str = "") -> None:
    """Change the text of what we sent; the earlier text is kept. Raises NotPossible with the network's reason.

    Raises Held where the coach holds the words, unless somebody with the right to says why in `why_held`.
    """
    account = _ours(message, by)
    can = account.network.can
    text = text.replace("\0", "").strip()
    limit = can.text_limit("private" if message.private else "public")
    if not can.edit_own or not isinstance(account.network, Corrects):
        raise NotPossible(_("%(network)s does not let a post be changed.") % {"network": can.label})
    if not text or (limit and not fits(text, limit)):
        raise NotPossible(_("The text is empty or too long."))
    if message.case is not None:
        let_through(message.case, text, by=by, private=message.private, why=why_held)
    if message.case and (
        rule := second_person.rule_for(message.case, by=by, text=text, private=message.private)
    ):
        raise NotPossible(
            _("“%(rule)s”: a second person has to see every word. Take it down, and answer anew.")
            % {"rule": rule}
        )
    try:
        receipt = account.network.edit(oauth.connection(account), message.external_id, text, message.facts)
    except Failure as failure:
        raise NotPossible(str(failure)) from failure
    with transaction.atomic():
        earlier = [*message.earlier, {"text": message.text, "until": timezone.now().isoformat()}]
        facts = {**message.facts, **dict(receipt.facts)}
        Message.objects.filter(pk=message.pk).update(
            text=text, earlier=earlier, edited_at=timezone.now(), facts=facts
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_message SET search = %s::tsvector WHERE id = %s", [vector(text), message.pk]
            )
        _tell(message, Event.Kind.REPLY_EDITED, by)


def take_down(message: Message, *, by: Member) -> None:
    """Take back what we sent; its text stays in the history of the case alone. Raises NotPossible with the reason."""
    account = _ours(message, by)
    can = account.network.can
    if not can.delete_own or not isinstance(account.network, Corrects):
        raise NotPossible(_("%(network)s does not let a post be taken down.") % {"network": can.label})
    try:
        account.network.withdraw(oauth.connection(account), message.external_id, message.facts)
    except Failure as failure:
        raise NotPossible(str(failure)) from failure
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now(), search=None)
        copying.remove(Media.objects.filter(message=message))
        _tell(message, Event.Kind.REPLY_WITHDRAWN, by)


def like(message: Message, *, by: Member) -> None:
    """Like a customer's post as the brand. Raises NotPossible with the reason."""
    account = _theirs(message, by)
    if not account.network.can.like or not isinstance(account.network, Likes):
        raise NotPossible(
            _("%(network)s has no likes that Hark may give.") % {"network": account.network.can.label}
        )
    if message.liked_at:
        return
    try:
        account.network.like(oauth.connection(account), message.external_id, message.facts)
    except Failure as failure:
        raise NotPossible(str(failure)) from failure
    with transaction.atomic():
        if Message.objects.filter(pk=message.pk, liked_at=None).update(liked_at=timezone.now()):
            _tell(message, Event.Kind.LIKED, by)


def hide(message: Message, *, hidden: bool, by: Member, reason: str = "") -> None:
    """Hide what somebody said below a post of ours from everybody else, with a reason, or show it again.

    The message stays here as it is. Doing it twice does it once. Raises NotPossible with the reason why not.
    """
    account = _theirs(message, by)
    can = account.network.can
    if not can.hide or message.private or not isinstance(account.network, Hides):
        raise NotPossible(_("%(network)s does not let a comment be hidden.") % {"network": can.label})
    if hidden and not reason.strip():
        raise NotPossible(_("Say why: it stands in the history."))
    if bool(message.hidden_at) == hidden:
        return
    try:
        account.network.hide(oauth.connection(account), message.external_id, message.facts, hidden=hidden)
    except Failure as failure:
        raise NotPossible(str(failure)) from failure
    with transaction.atomic():
        found = Message.objects.filter(pk=message.pk, hidden_at__isnull=hidden)
        if found.update(hidden_at=timezone.now() if hidden else None):
            _tell(message, Event.Kind.HIDDEN if hidden else Event.Kind.SHOWN, by, why=reason.strip())


def _theirs(message: Message, by: Member) -> Account:
    if not by.may(Permission.REPLY):
        raise NotPossible(_("Your role does not answer customers."))
    if message.outbound or message.is_deleted:
        raise NotPossible(_("Only what a customer said can be liked or hidden."))
    return message.thread.account


def _ours(message: Message, by: Member) -> Account:
    if not by.may(Permission.REPLY):
        raise NotPossible(_("Your role does not answer customers."))
    if not message.outbound or message.is_deleted:
        raise NotPossible(_("Only what we sent can be changed."))
    return message.thread.account


def _tell(message: Message, kind: Event.Kind, by: Member, why: str = "") -> None:
    if message.case:
        record(message.case, kind, by=by, why=why, message=message.pk)
        bus.publish(topics.case(message.case.pk))
    bus.publish(topics.chat(message.thread_id))
