"""Every key of the console, said once: the `?` dialog and the help page read it here."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

SIGNS = {"mod": "Ctrl ⌘", "enter": "↵", "esc": "Esc", "shift": "⇧"}


@dataclass(frozen=True)
class Key:
    """One key, or several that do the same way on: `press` is as in `data-key`, alternatives by a blank."""

    press: str
    does: str

    @property
    def alternatives(self) -> list[str]:
        return self.press.split()


@dataclass(frozen=True)
class Group:
    name: str
    keys: tuple[Key, ...]


def groups() -> list[Group]:
    """The keys by what they are for, in the active language."""
    return [
        Group(str(_(name)), tuple(Key(press, str(_(does))) for press, does in keys)) for name, keys in GROUPS
    ]


def signs(press: str) -> list[str]:
    """What stands on the keys: `mod+k` is `Ctrl ⌘` and `K`."""
    parts = press.split("+") if len(press) > 1 else [press]
    return [SIGNS.get(part, part.upper() if len(parts) > 1 else part) for part in parts]


GROUPS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        noop("Getting around"),
        [
            ("j k", noop("next and previous case of the queue")),
            ("enter", noop("open the case")),
            ("/", noop("search")),
            ("f", noop("filter the queue")),
            ("mod+k", noop("do anything by typing")),
            ("?", noop("these keys")),
            ("esc", noop("close what lies on top")),
        ],
    ),
    (
        noop("Answering"),
        [
            ("r", noop("reply")),
            ("p", noop("switch the composer between public and private")),
            ("m", noop("move the conversation to private")),
            ("mod+enter", noop("send what stands in the composer")),
            ("n", noop("write a note for the team")),
        ],
    ),
    (
        noop("Working on a case"),
        [
            ("a", noop("assign")),
            ("z", noop("snooze")),
            ("t", noop("tag")),
            ("e", noop("resolve")),
            ("b", noop("close the book in public")),
        ],
    ),
]
