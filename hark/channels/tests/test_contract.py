"""One contract for every network in the registry: nobody is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hark.cases.models import Message
from hark.channels import contract, intake
from hark.channels.abilities import Corrects, Fetches, Likes
from hark.channels.base import NeedsReconnect, Network, OutgoingReply, Refused
from hark.channels.models import Account, Delivery
from hark.channels.registry import NETWORKS, network_of
from hark.journeys import arrival

MUTATIONS = 150  # of each recorded body


@pytest.fixture(params=sorted(NETWORKS))
def network(request) -> Network:
    return network_of(request.param)


@pytest.fixture
def recorded(network) -> list[tuple[str, bytes]]:
    found = list(contract.bodies(network))
    assert found, f"{network.slug} has no recorded payloads in {contract.folder(network) / 'payloads'}"
    return found


def test_it_is_what_it_says(network):
    assert NETWORKS[network.slug].startswith(f"hark.channels.networks.{network.slug}.")
    contract.check_capabilities(network)


def test_recorded_payloads_become_messages_that_can_be_kept(network, recorded):
    account = contract.account(network)
    count = 0
    for name, body in recorded:
        envelopes = network.split(body)
        contract.check_envelopes(envelopes)
        for envelope in envelopes:
            for message in network.read(envelope.raw, account):
                contract.check_message(message)
                contract.check_identity(message, envelope.raw, account)
                assert message.facts is not None, name
                count += 1
    assert count, "not one message in all recorded payloads"


def test_reading_is_pure_and_keys_are_stable(network, recorded):
    account = contract.account(network)
    for name, body in recorded:
        first, second = network.split(body), network.split(body)
        assert first == second, name
        for envelope in first:
            assert network.read(envelope.raw, account) == network.read(envelope.raw, account), name


def test_an_event_by_itself_keeps_the_key_it_had_among_others(network, recorded):
    """What was stored can be split again, as after a fix, and is still the same event."""
    for name, body in recorded:
        for envelope in network.split(body):
            assert [again.event_key for again in network.split(envelope.raw)] == [envelope.event_key], name


def test_hostile_bytes_are_unreadable_or_nothing(network):
    account = contract.account(network)
    for body in contract.HOSTILE:
        contract.read_calmly(network, body, account)
        for envelope in contract.split_calmly(network, body):
            contract.read_calmly(network, envelope.raw, account)


def test_payloads_gone_wrong_are_unreadable_or_still_well_formed(network, recorded):
    account = contract.account(network)
    for seed, (_, body) in enumerate(recorded):
        for changed in contract.mutations(body, MUTATIONS, seed):
            contract.read_calmly(network, changed, account)
            for envelope in contract.split_calmly(network, changed):
                contract.read_calmly(network, envelope.raw, account)


@pytest.mark.django_db
def test_order_and_repetition_change_nothing(network, recorded, ternway, nordhav):
    """What is read in order, and what is read backwards and twice, ends as the same messages: edits, deletions and echoes too."""
    told = contract.account(network)
    found = [envelope for _, body in recorded for envelope in network.split(body)]
    seen = []
    for brand, order in ((ternway, found), (nordhav, [*reversed(found), *found])):
        account = Account.objects.create(
            brand=brand,
            channel=network.slug,
            external_id=told.external_id,
            handle=told.handle,
            settings=dict(told.settings),
        )
        for envelope in order:
            intake.append(account, [envelope])
            while arrival.work():
                pass
        unread = Delivery.objects.filter(account=account, state=Delivery.State.UNREADABLE)
        # A recorded report on a message that was never sent from here is set aside, as it should be.
        assert not unread.exclude(problem__endswith="not among what was sent here").exists()
        messages = Message.objects.filter(account_id_at=account.pk)
        seen.append({(m.external_id, m.text, m.private, m.outbound, m.is_deleted) for m in messages})
        assert len(seen[-1]) == len({one[0] for one in seen[-1]}), "two messages of one identity"
    assert seen[0] == seen[1]


@pytest.mark.django_db
def test_without_its_permission_nothing_is_pretended(network, recorded):
    """An account that lost what it was let in by says that it must be connected anew."""
    if not contract.is_let_in(network):
        pytest.skip("nobody has to let it in")
    account = contract.account(network)
    asked = 0
    for _, body in recorded:
        for _, message in contract.messages(network, body, account):
            if message.by_brand or message.kind != "created" or not network.can.can_reply(message.visibility):
                continue
            reply = OutgoingReply(
                "key",
                message.visibility,
                "Hello.",
                message.author,
                message.thread,
                message.external_id,
                message.facts,
            )
            found = contract.outcome(network.send, account, reply)
            assert isinstance(found, NeedsReconnect | Refused), found
            asked += isinstance(found, NeedsReconnect)
    assert asked or not network.can.reply_public


def test_a_new_name_of_the_account_changes_nothing(network, recorded):
    account = contract.account(network)
    renamed = replace(account, handle="@another-name", settings={**account.settings, "name": "Another name"})
    for name, body in recorded:
        for envelope in network.split(body):
            before, after = network.read(envelope.raw, account), network.read(envelope.raw, renamed)
            assert [*map(contract.identity, after)] == [*map(contract.identity, before)], name


def test_ids_beyond_53_bits_keep_every_digit(network, recorded):
    account = contract.account(network)
    for name, body in recorded:
        for envelope, message in contract.messages(network, body, account):
            for which in ("external_id", "thread", "parent", "author"):
                number = contract.id_of(message, which)
                if not (number.isdigit() and len(number) > 3) or number == account.external_id:
                    continue
                raw = re.sub(rb"(?<!\d)%b(?!\d)" % number.encode(), contract.BIG.encode(), envelope.raw)
                found = network.read(raw, account)
                assert raw == envelope.raw or contract.BIG in {contract.id_of(one, which) for one in found}, (
                    name,
                    which,
                )


def test_addresses_of_files_that_change_make_no_new_message(network, recorded):
    """Signed addresses expire: what is read again with fresh ones is what it was."""
    account = contract.account(network)
    for name, body in recorded:
        for envelope, message in contract.messages(network, body, account):
            for item in message.media:
                fresh = envelope.raw.replace(item.url.encode(), item.url.encode() + b"?signed=again")
                found = [contract.identity(one) for one in network.read(fresh, account)]
                assert contract.identity(message) in found, name


@pytest.mark.django_db
def test_a_file_that_is_gone_is_said_in_four_ways(network):
    if not isinstance(network, Fetches):
        pytest.skip("its files have addresses")
    for name in ("gone", "", "../x", "9" * 600):
        with pytest.raises(contract.FOUR):
            network.fetch(contract.account(network), name)


@pytest.mark.django_db
def test_sending_fails_in_four_ways_only(network):
    """An account without credentials, people who are not there, texts of every kind."""
    account = contract.account(network)
    for reply in contract.odd_replies():
        for verb in (network.send, network.find_sent):
            contract.check_outcome(contract.outcome(verb, account, reply))


@pytest.mark.django_db
def test_correcting_and_liking_fail_in_four_ways_only(network):
    account = contract.account(network)
    verbs = []
    if isinstance(network, Corrects):
        verbs += [
            lambda: network.edit(account, "nothing", "x", {}),
            lambda: network.withdraw(account, "nothing", {}),
        ]
    if isinstance(network, Likes):
        verbs.append(lambda: network.like(account, "nothing", {}))
    for verb in verbs:
        contract.check_outcome(contract.outcome(verb))


def test_no_page_needs_to_know_a_networks_name(network):
    """Outside its own folder, the registry and the tests, no code names a network."""
    root = Path(contract.__file__).parent.parent
    allowed = {root / "channels/registry.py"}
    for path in root.rglob("*.py"):
        inside = (
            path.is_relative_to(root / "channels/networks")
            or "tests" in path.parts
            or "migrations" in path.parts
        )
        if inside or path in allowed:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            compares = f'== "{network.slug}"' in line or f'!= "{network.slug}"' in line
            assert not compares, f"{path}:{number} asks for {network.slug}: the missing thing is a capability"
