"""What a network may have besides: verbs of its own, and a way to be connected. Asked for by `isinstance`, never by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from .base import Batch, Connection, Envelope, Receipt


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
class WritesLate(Protocol):
    """A network where some form of answer still leaves once the window is over."""

    def late(self, connection: Connection) -> str:
        """What leaves then and what that costs, in a sentence for the agent; "" where this account has no such form."""


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
