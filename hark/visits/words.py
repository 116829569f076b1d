"""The sentences that the chat window says by script."""

from django.utils.translation import gettext as _


def for_window() -> dict[str, str]:
    return {
        "you": _("You"),
        "sending": _("Sending…"),
        "sent": _("Sent"),
        "waiting": _("Not sent yet. It goes out when you are connected."),
        "failed": _("Not sent."),
        "again": _("Try again"),
        "edited": _("edited"),
        "deleted": _("This message was taken back."),
        "offline": _("You are offline. What you write is kept and sent later."),
        "slow": _("A lot at once. Your message goes out in a moment."),
        "unproven": _("We could not confirm who you are, so this conversation starts fresh."),
        "taken": _("This link was opened in another browser already. You can start a new conversation here."),
        "gone": _("This link has run out. You can start a new conversation here."),
        "picture": _("Picture"),
        "ended": _("This conversation was ended here."),
        "trouble": _("We can't be reached right now. What you write is kept and sent later."),
    }
