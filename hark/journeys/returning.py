"""What was sent did not reach the customer after all: a bounced letter, a text message that the carrier gave back."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from hark.cases import actions as cases
from hark.cases.history import record
from hark.cases.models import Case, Event, Message
from hark.cases.urgency import hurts_at
from hark.channels import intake
from hark.channels.reading import Incoming
from hark.live import bus, topics
from hark.replies.models import Reply


def note(returned: Iterable[Incoming]) -> None:
    """The reply is refused with what the network said, and its case waits for us again. Once a reply, however often it is said.

    A report on a message that is not known is set aside: shown, and it can be read again.
    """
    for delivery, account, said in returned:
        message = (
            Message.objects.filter(account_id_at=account.pk, external_id=said.external_id, outbound=True)
            .select_related("case__brand")
            .first()
        )
        if message is None:
            intake.set_aside(
                [(delivery, f"{said.external_id} did not arrive, and it is not among what was sent here")]
            )
            continue
        why = _("It did not arrive: %(why)s") % {"why": said.text} if said.text else _("It did not arrive.")
        told = Reply.objects.filter(message=message).exclude(state=Reply.State.REFUSED)
        if (
            told.update(state=Reply.State.REFUSED, failure=why[:2000], failure_code="recipient_unreachable")
            and message.case
        ):
            _wait_again(message.case, why)


def _wait_again(case: Case, why: str) -> None:
    if case.state == Case.State.SNOOZED:
        cases.wake(case, why=why)
    elif case.state in (Case.State.ANSWERED, Case.State.RESOLVED, Case.State.CLOSED):
        hurts = case.hurts_at or hurts_at(timezone.now(), case.priority, case.brand, case.location)
        Case.objects.filter(pk=case.pk).update(state=Case.State.WAITING, unread=True, hurts_at=hurts)
    record(case, Event.Kind.REPLY_REFUSED, why=why, code="recipient_unreachable")
    bus.publish(topics.case(case.pk), topics.queue(case.brand_id))
