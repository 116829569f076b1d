"""Mail leaves after the page has answered, so that nobody tells by the time it took whether an address is known."""

from __future__ import annotations

import json

from django.core.mail import EmailMultiAlternatives
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from . import sealing

PURPOSE = "mail"


@app.task(queue="mail", retry=RetryStrategy(max_attempts=8, exponential_wait=4))  # type: ignore[untyped-decorator]
def send_mail(sealed: str) -> None:
    """Send one mail. Sealed in the job's row, for it may hold a link that lets somebody in."""
    EmailMultiAlternatives(**json.loads(sealing.unseal(sealed, purpose=PURPOSE))).send()


def send_later(*, to: str, subject: str, body: str) -> None:
    """A mail in plain text, within seconds; tried again for some hours while the mail server is away."""
    mail = {"to": [to], "subject": subject, "body": body}
    send_mail.defer(sealed=sealing.seal(json.dumps(mail), purpose=PURPOSE))
