"""What a network is. Nothing outside `channels/networks/<name>/` knows a network's name.

What every network is and gives; what only some have is in `abilities.py`.

An adapter keeps no state and never touches the database: bytes in, messages out, one call to the network at a time.
Capability keys and the meaning of failures: docs/channels.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl

Visibility = Literal["public", "private"]
Unit = Literal["weighted", "graphemes", "chars", "bytes", "utf16", "segments"]


@dataclass(frozen=True)
class TextLimit:
    """How long a text may be, counted the network's own way."""

    unit: Unit
    value: int
    max_bytes: int | None = None  # a second limit in UTF-8 bytes, where the network has one


@dataclass(frozen=True)
class Attachments:
    """Which files may leave with a reply. Sizes in bytes."""

    types: frozenset[str] = frozenset()
    max_bytes: int = 0
    max_count: int = 0
    alt_required: bool = False


@dataclass(frozen=True)
class Signature:
    """How a webhook is signed: the header, the name of a scheme in `channels/signatures.py`, and the credentials that open it.

    Credentials whose names end in `_secret` are ours to make and to renew; the network's own have other names.
    """

    scheme: str
    header: str
    credentials: tuple[str, ...] = ("hook_secret", "hook_secret_before")
    silent: bool = False  # what is signed wrongly is answered like anything else, and dropped (WebSub §7.1)


@dataclass(frozen=True)
class Capabilities:
    """What a network allows, as data. An account may refine it (server limit, tier, role)."""

    label: str  # as people call it: "Bluesky"
    icon: str  # name in the icon sprite: "n-bluesky"
    inbound: frozenset[str] = frozenset()  # mention, comment, dm, review
    inbound_style: frozenset[str] = frozenset()  # webhook, stream, poll, push
    signature: Signature | None = None
    reply_public: bool = False
    reply_private_once: bool = False
    dm_send: bool = False
    handoff: tuple[
        str, ...
    ] = ()  # private_reply, dm_link, direct_visibility, deep_link, direct_dm, link, address; best first
    welcomes_links: bool = False  # a private place of ours: a hand-off link from any network leads here
    written_down: bool = False  # what arrives is noted by an agent: calls, letters on paper
    one_answer: bool = False  # a public answer takes the place of the one before: there is only ever one
    like: bool = False
    hide: bool = False
    edit_own: bool = False
    delete_own: bool = False
    threads_long_text: bool = False  # a text beyond the limit leaves as several posts
    typing: bool = False
    quick_replies: bool = False
    public_text: TextLimit | None = None
    private_text: TextLimit | None = None
    public_files: Attachments = Attachments()
    private_files: Attachments = Attachments()
    window: timedelta | None = None  # None: a reply never comes too late
    link_cost_micros: int = (
        0  # what a public answer with a link in it costs, in millionths of the network's currency
    )
    answer_cost_micros: int = 0  # a public answer without a link
    message_cost_micros: int = 0  # a private message that we send
    media_copies: bool = True  # False: the network forbids keeping copies of what people send (links only)
    needs: tuple[str, ...] = ()  # approval, premium, enterprise, moderator, region
    credential_fields: tuple[str, ...] = ()  # names in the encrypted credentials
    given_secrets: frozenset[str] = frozenset()  # those that the network gives: never made or renewed by us

    def text_limit(self, visibility: Visibility) -> TextLimit | None:
        return self.public_text if visibility == "public" else self.private_text

    def files(self, visibility: Visibility) -> Attachments:
        return self.public_files if visibility == "public" else self.private_files

    def can_reply(self, visibility: Visibility) -> bool:
        return self.reply_public if visibility == "public" else self.dm_send


# What comes in ---------------------------------------------------------------------------------------


class HookRequest(NamedTuple):
    """One request at an account's hook, before anything is believed. Header names are lower case."""

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.url.partition("?")[2]))


@dataclass(frozen=True)
class HookAnswer:
    status: int
    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as the network gave it. `event_key` is the network's own identity for it, version included.

    `to` names the account it is for, where a network sends the events of many accounts to one address; "" for its own.
    """

    event_key: str
    raw: bytes
    to: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """A profile as the network shows it. `external_id` never changes; the handle may."""

    external_id: str
    handle: str = ""
    name: str = ""
    avatar_url: str = ""
    followers: int | None = None
    verified: bool = False  # identity proven to us (signed by the brand's own site)


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """`url`: a web address, `part:<name>` for what came along inside the delivery (`Carries`), or `held:<name>` for what
    the network gives to the account alone (`Fetches`)."""

    kind: Literal["image", "video", "audio", "file"]
    url: str
    alt: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One thing that was said, changed or taken back on a network.

    `kind` "created" and "edited" carry the text as it is now; "deleted" carries only `external_id` (and thread if known);
    "reacted" carries `reaction` and, in `external_id`, the message reacted to; "undelivered" says of a message of ours
    (`external_id`) that it did not reach the customer after all, and in `text` why.
    `version` rises with each edit (a cid, a timestamp): an older version never overwrites a newer one.
    """

    kind: Literal["created", "edited", "deleted", "reacted", "undelivered"]
    external_id: str
    at: datetime
    thread: str = ""  # the network's id of the discussion or conversation
    visibility: Visibility = "public"
    author: Author | None = None
    text: str = ""
    by_brand: bool = False
    parent: str = ""  # external id of the message answered
    quote: str = ""  # external id of the message quoted
    url: str = ""
    lang: str = ""
    media: tuple[IncomingMedia, ...] = ()
    version: str = ""
    reaction: str = ""
    rating: int | None = None
    handoff_token: str = ""  # carried over from a public hand-off
    facts: Mapping[str, Any] = field(
        default_factory=dict
    )  # what the adapter needs to answer it: cid, root, convo. Pages show `automatic` (no person wrote it, and how that is
    # known; it wakes no case), `folded` (text that only came along) and `proven` False (the sender may be somebody else)


# What goes out ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    name: str
    content_type: str
    content: bytes
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """One post or message to publish. `key` is unique to it: the same key never makes two posts."""

    key: str
    visibility: Visibility
    text: str
    to: Author | None
    thread: str = ""
    parent: str = ""  # external id answered
    parent_facts: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[OutgoingFile, ...] = ()
    handoff: str = ""  # the mechanism that invites to private, and its link if there is one
    handoff_url: str = ""
    quick_replies: tuple[str, ...] = ()
    queued_at: datetime | None = None
    automatic: bool = False  # no person wrote it: what a network keeps for people is not used


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that it is out there."""

    external_id: str
    thread: str = ""
    url: str = ""
    at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    cost_micros: int = 0  # what publishing cost, in millionths of the network's currency
    recipient: Author | None = None  # whom it reached in private, where they are known by another id there
    version: str = (
        ""  # of the post, where the network counts them: an older one that is read later changes nothing
    )


@dataclass(frozen=True)
class Reach:
    """Whether the customer can be written to in private, and how. `reason` is shown when not."""

    possible: bool
    mechanism: str = ""
    url: str = ""
    thread: str = ""
    reason: str = ""
    cost_micros: int = 0  # what the public line that invites costs, where it isn't what any answer costs


class Failure(Exception):
    """Why a call to a network did not give what was asked."""


class TryLater(Failure):
    """Surely not published. Wait this many seconds."""

    def __init__(self, seconds: float, text: str = "") -> None:
        super().__init__(text or f"try again in {seconds:.0f} s")
        self.seconds = seconds


class Refused(Failure):
    """Final. `code`: never, window_closed, recipient_unreachable, too_long, gone; the text is shown to the author."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class NeedsReconnect(Failure):
    """The account must be connected anew; what was to be sent is kept."""


class Unsure(Failure):
    """It may be out there. `find_sent` looks first; where the network can't be asked, a person does.

    `seconds`: how long the network wants to be left alone before it is asked, if it said so.
    """

    def __init__(self, text: str = "", seconds: float = 0.0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Skipped(Failure):
    """A body that says nothing to us (a list of trends, an error, a user): the text says what it is. Nothing is kept."""


class Unreadable(Failure):
    """A payload whose shape is not what the network documents. It is kept, shown, and can be replayed after a fix."""


# The account as an adapter sees it -------------------------------------------------------------------


@dataclass(frozen=True)
class Connection:
    """An account without its row: what an adapter may know. `credentials` are decrypted only for the call."""

    account_id: int
    external_id: str
    handle: str
    credentials: Mapping[str, Any]
    settings: Mapping[str, Any]
    capabilities: Capabilities
    spent_micros: int = 0  # this month, on a network that charges for calls
    hook_url: str = ""  # where the network can call us, for networks that are told so with each call


@dataclass(frozen=True)
class Batch:
    """What a poll or stream brought: envelopes, and the cursor to store with them in one commit.

    `gap` says in words what is being read again ("since 09:14"), empty when caught up.
    `credentials`, if given, replaces the stored ones (refreshed tokens).
    """

    envelopes: tuple[Envelope, ...]
    cursor: Mapping[str, Any] | None = None
    gap: str = ""
    credentials: Mapping[str, Any] | None = None
    wait_seconds: float = 0.0  # how long the source may rest before it is asked again
    cost_micros: int = 0  # what these calls cost, in millionths of the network's currency


class Network(Protocol):
    """One network as Hark sees it."""

    slug: str
    can: Capabilities

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        """The answer to a verification request of the network, always a GET; None when it is no such thing."""

    def split(self, body: bytes) -> list[Envelope]:
        """One envelope an event. Raises Skipped when it says nothing to us, Unreadable when it can't be split: kept whole."""

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        """The messages in one delivery; [] for an event that says nothing to us. Raises Unreadable."""

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        """Publish. Raises TryLater, Refused, NeedsReconnect or Unsure, nothing else."""

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        """After Unsure: the receipt of the post with this key, None when it surely is not there. Raises Unsure if it can't tell."""

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        """Can this person be written to in private from here? Asked before the offer is shown."""
