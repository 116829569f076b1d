"""The words of the console in plain sentences, for the help page. The full list stands in docs/glossary.md."""

from django.utils.translation import gettext_lazy as _

WORDS = [
    (
        _("Case"),
        _("One customer’s matter, from the first post to the closed book. It may hold several threads."),
    ),
    (
        _("Thread"),
        _("The messages of one public discussion, or of one private conversation, on one account."),
    ),
    (
        _("Person, profile"),
        _("A customer, and each of their names on a network. One person may have many profiles."),
    ),
    (_("Clock"), _("The time left until a promised answer. The queue is in the order of what hurts next.")),
    (_("Acknowledge"), _("Answer in public, as a named person, so that everybody sees that somebody cares.")),
    (_("Move"), _("Invite the customer to a private conversation, because what follows is theirs alone.")),
    (_("Resolve"), _("The matter is settled. What is left is to say so where it began.")),
    (_("Close the book"), _("Go back to the public thread and say, in a line, that it ended well.")),
    (
        _("Snooze"),
        _("Put a case to sleep until a time you choose. It wakes by itself, or when the customer writes."),
    ),
    (
        _("Coach, hold"),
        _(
            "The coach reads along while you write. A hint is advice; a hold stops the button until the words change."
        ),
    ),
    (_("Second person"), _("Somebody else who sees certain replies before they leave. Rules say which.")),
    (
        _("Answer of record"),
        _("What is approved to be said to a question. The facts are its own, the words around them yours."),
    ),
    (_("Secure page"), _("Hark’s own private place for one case, for what should pass through no network.")),
    (_("Hand back"), _("Give a case back to the queue, so that a colleague can take it.")),
    (_("Note"), _("Words for the team. They never leave Hark. @name asks a colleague.")),
    (
        _("Join, split"),
        _("Make one case of two, or take messages out into a case of their own. Both can be undone."),
    ),
    (
        _("Unsure"),
        _("The network did not answer: the reply may be out there. Hark looks before it sends again."),
    ),
    (_("Channel, account"), _("A network that Hark speaks, and your own handle, page or chat on it.")),
]
