"""What a network is. Nothing outside `channels/networks/<name>/` knows a network's name.

An adapter keeps no state and never touches the database: bytes in, messages out, one call to the network at a time.
Capability keys and the meaning of failures: docs/channels.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

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


@dataclass(frozen=True)
class HookRequest:
    """One request at an account's hook, before anything is believed. Header names are lower case."""

    method: str
    query: Mapping[str, str]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str


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


@runtime_checkable
class Collects(Protocol):
    """A network that is polled or streamed. `collect` yields batches for ever; the caller stores and then asks for the next."""

    def collect(self, connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]: ...


@runtime_checkable
class Polls(Protocol):
    """A network that is asked now and then. Between two rounds an account costs nothing but its row.

    `poll` runs in a thread of a small pool: one round of reading in several batches, each stored before the next is asked
    for, so that a round that was cut off has kept what it brought. `cursor` says from where to go on, and `wait_seconds`
    of the last one how long to rest. Raises TryLater, NeedsReconnect or Refused.
    """

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]: ...


@runtime_checkable
class Counts(Protocol):
    """A network that can say how many messages a discussion holds there, and give them all once more.

    `count` answers for as many of the threads as it can, deleted messages apart; what is missing is not compared.
    Both raise TryLater, NeedsReconnect or Refused. Only for networks of which we read whole discussions.
    """

    def count(self, connection: Connection, threads: Sequence[str]) -> Mapping[str, int]: ...
    def reread(self, connection: Connection, thread: str) -> Sequence[Envelope]: ...


@runtime_checkable
class Corrects(Protocol):
    """A network where what was sent can be changed or withdrawn. Raises as `send` does."""

    def edit(
        self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]
    ) -> Receipt: ...
    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None: ...


@runtime_checkable
class Likes(Protocol):
    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt: ...


@dataclass(frozen=True)
class Swap:
    """A GET that gives a token for a token, where a network knows no refresh tokens."""

    url: str
    grant: str  # its grant_type
    token_name: str  # of the token that is given in


@dataclass(frozen=True)
class OAuth:
    """Where a person allows us to act as the account: OAuth 2.0 authorization code with PKCE (RFC 6749, 7636)."""

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    basic_auth: bool = True  # the client names itself in the Authorization header; otherwise in the form
    extra: tuple[tuple[str, str], ...] = ()  # more parameters of the authorize address
    scope_separator: str = " "
    # Where a network departs from the standard:
    client_name: str = "client_id"  # of the authorize address
    code_name: str = "code"  # of the exchange
    as_json: bool = False  # tokens are asked for by JSON, not by a form
    inside: str = (
        ""  # the object of the answer that holds the tokens, beside a `code` that is 0 when all is well
    )
    refresh_url: str = ""  # where it is not the token_url
    kept: tuple[str, ...] = ()  # what else of the answer is wanted
    pkce: bool = True
    secret_name: str = "client_secret"  # noqa: S105  of the form's field
    register_url: str = ""  # where an app of ours is made before each consent; the form then has no client_id
    lasting: Swap | None = None  # what the code gives ends within hours: this makes it last
    renewing: Swap | None = None  # in place of a refresh token
    early_seconds: float = 600.0  # a token is renewed this long before it ends


@dataclass(frozen=True)
class Setup:
    """What the connect page tells before its fields: what is needed, then what to do, step by step.

    With `oauth`, the form has the fields client_id and client_secret, and the page leads to the network's consent.
    `oauth_for` in its place gives it for what was told (the form's fields, or the account's settings); with either, a form
    whose optional field `token` is filled in is connected by that token, without a consent.
    """

    needs: tuple[Any, ...] = ()  # lazy texts
    steps: tuple[Any, ...] = ()
    oauth: OAuth | None = None
    oauth_for: Callable[[Mapping[str, Any]], OAuth] | None = None

    def consent(self, told: Mapping[str, Any]) -> OAuth | None:
        return self.oauth_for(told) if self.oauth_for else self.oauth


@dataclass(frozen=True)
class Finding:
    """One line of an account's self-test, in plain words. `works` None: it could not be found out now."""

    works: bool | None
    text: str


@runtime_checkable
class Carries(Protocol):
    """A network whose deliveries hold files themselves: (content type, bytes) of one, None when it is not in there.

    The part "page", where `facts` says `page`, is the message as its author laid it out: HTML that was made harmless.
    """

    def part(self, raw: bytes, name: str) -> tuple[str, bytes] | None: ...


@runtime_checkable
class Fetches(Protocol):
    """A network that gives what people sent to the account alone: (content type, bytes) of one, read to a limit.

    Its token goes to the network's own hosts and into no address that is kept. Raises TryLater, NeedsReconnect or Refused.
    """

    def fetch(self, connection: Connection, name: str) -> tuple[str, bytes]: ...


@runtime_checkable
class Connects(Protocol):
    """A network whose account is connected by a form.

    The page tells the form whose it is (`form.brand`, and `form.account` when one is connected anew). Once it is valid,
    `connected()` gives the account's fields: external_id, handle, and name, settings, credentials, token_expires_at if
    there are any. It raises ValidationError that says what to do. A class attribute `setup: Setup` guides through it;
    with OAuth, `form.tokens` (access, refresh, access_ends) are there before `connected()` is asked, and belong into the
    credentials: Hark renews them ahead of their end.
    """

    def connect_form(self) -> type[Any]: ...


@runtime_checkable
class Tests(Protocol):
    """A network that can tell what works for an account and which permission is missing. Changes nothing."""

    def test(self, connection: Connection) -> list[Finding]: ...


@runtime_checkable
class Welcomes(Protocol):
    """A private network whose address may stand in an answer where no link is taken (`handoff` "address")."""

    def address(self, connection: Connection, token: str) -> str:
        """An address of the account that carries the hand-off's token; "" where this account has none."""


@runtime_checkable
class Hides(Protocol):
    """A network where the brand can hide what others say below its posts, and show it again. Raises as `send` does."""

    def hide(
        self, connection: Connection, external_id: str, facts: Mapping[str, Any], *, hidden: bool
    ) -> None: ...


@runtime_checkable
class Explains(Protocol):
    """A network that can say why a delivery gives no message; "" when it gives one. Raises Unreadable."""

    def skipped(self, raw: bytes, connection: Connection) -> str: ...


@runtime_checkable
class Embeds(Protocol):
    """A network that lives on the brand's own pages: what to put there, as HTML."""

    def snippet(self, connection: Connection, hook_key: str) -> str: ...
