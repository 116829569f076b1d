"""Connecting an account says what is wrong in words that help."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.networks.bluesky import identity, sessions
from hark.channels.networks.bluesky.adapter import Bluesky
from hark.channels.networks.bluesky.connect import ConnectForm
from tests.bluesky_people import Somebody

from .conftest import Collected, connect, connection

pytestmark = pytest.mark.peer


def problem(somebody, password, **fields) -> str:
    with pytest.raises(ValidationError) as found:
        connect(somebody, password, **fields)
    return " ".join(found.value.messages)


def test_an_account_is_connected_by_handle_and_app_password(ternway, maya):
    fields = connect(ternway, ternway.app_password())
    assert fields["external_id"] == ternway.did
    assert fields["handle"] == ternway.handle
    assert fields["credentials"]["dm"] is True
    maya.writes(ternway, "everybody may write")  # raises unless the account was opened for messages


def test_an_at_sign_and_a_profile_address_are_understood(ternway):
    password = ternway.app_password()
    assert connect(ternway, password, handle=f"@{ternway.handle.upper()}")["external_id"] == ternway.did
    assert (
        connect(ternway, password, handle=f"https://bsky.app/profile/{ternway.handle}")["external_id"]
        == ternway.did
    )


def test_the_server_is_found_by_the_identity(ternway):
    """A DID stands in the directory with its server; nothing else is filled in."""
    fields = connect(ternway, ternway.app_password(), handle=ternway.did, pds="")
    assert fields["credentials"]["pds"].rstrip("/") == ternway.network.info["pds"].rstrip("/")
    assert fields["handle"] == ternway.handle


def test_a_wrong_password_is_named(ternway):
    assert "does not know this handle with this app password" in problem(ternway, "abcd-abcd-abcd-abcd")


def test_the_accounts_own_password_is_not_taken(ternway):
    assert "own password" in problem(ternway, ternway.password)


def test_missing_access_to_direct_messages_is_said_clearly(ternway):
    password = ternway.app_password(messages=False)
    assert "no access to direct messages" in problem(ternway, password)

    fields = connect(ternway, password, without_messages=True)
    assert fields["credentials"]["dm"] is False
    reach = Bluesky().reach(connection(fields), _author(), {})
    assert not reach.possible
    assert "without direct messages" in reach.reason


def test_an_account_without_direct_messages_still_collects_its_mentions(ternway, maya):
    account = connection(connect(ternway, ternway.app_password(messages=False), without_messages=True))
    with Collected(account) as hark:
        maya.says("public is enough", to=ternway)
        hark.said("public is enough")


def test_losing_the_right_to_read_messages_asks_for_a_new_connection(ternway, maya):
    fields = connect(ternway, ternway.app_password(messages=False), without_messages=True)
    claimed = connection({**fields, "credentials": {**fields["credentials"], "dm": True}})
    with Collected(claimed) as hark:
        hark._thread.join(20)
    assert isinstance(hark.failure, NeedsReconnect)


def _author():
    from hark.channels.base import Author

    return Author("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")


def test_a_server_that_is_not_there_is_named(ternway):
    said = problem(ternway, "abcd-abcd-abcd-abcd", pds="http://localhost:1")
    assert "http://localhost:1" in said
    assert "reached" in said


@pytest.mark.parametrize(
    "pds", ["http://127.0.0.1:2583", "http://ternway.example", "ftp://x.example", "https://a:b@x.example"]
)
def test_a_server_inside_the_private_network_or_without_encryption_is_refused(ternway, pds):
    form = ConnectForm({"handle": ternway.handle, "password": "abcd-abcd-abcd-abcd", "pds": pds})
    assert "pds" in form.errors


@pytest.mark.parametrize(
    "handle", ["", "ternway", "ter nway.test", "@", "did:plc:short", "a" * 254 + ".test", "ternway.test/../x"]
)
def test_what_is_no_handle_is_refused(handle):
    form = ConnectForm({"handle": handle, "password": "abcd-abcd-abcd-abcd"})
    assert "handle" in form.errors


def test_an_unknown_handle_is_named():
    with pytest.raises(identity.Unknown):
        identity.pds_of("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")


def test_signing_in_stops_before_the_networks_own_limit(strict_atproto):
    """The server allows 30 in five minutes; Hark stops earlier, so that a person can still sign in."""
    busy = Somebody(strict_atproto, "busy")

    def many_times(*, forget: bool) -> None:
        for _ in range(40):
            if forget:
                sessions._log_ins.clear()
            sessions.log_in(strict_atproto.info["pds"], busy.handle, busy.password)

    sessions._log_ins.clear()
    with pytest.raises(TryLater, match="five minutes"):
        many_times(forget=False)
    with pytest.raises(sessions.api.XrpcError) as theirs:
        many_times(forget=True)
    sessions._log_ins.clear()
    assert theirs.value.status == 429
    assert 0 < theirs.value.wait_seconds <= 310, "read from ratelimit-reset: the server sends no Retry-After"
