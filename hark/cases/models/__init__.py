"""A case and all that hangs on it. One noun a file."""

from .case import Case, CaseRows
from .event import Event
from .message import Media, Message
from .note import Note
from .presence import Presence
from .regrouping import Regrouping
from .resolution import AskedHow, Resolution
from .snooze import Snooze
from .step import Step
from .tag import Tag
from .thread import Thread

__all__ = [
    "AskedHow",
    "Case",
    "CaseRows",
    "Event",
    "Media",
    "Message",
    "Note",
    "Presence",
    "Regrouping",
    "Resolution",
    "Snooze",
    "Step",
    "Tag",
    "Thread",
]
