"""The `hark` command at the desk: brands, people, links, keys, networks, exit codes. One database, started once."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from hark.brands.models import Brand, Member, User
from hark.channels.models import Account
from hark.ops import keys
from hark.ops.cli import COMMANDS, cli


@pytest.fixture
def hark(db, monkeypatch) -> Callable[..., Result]:
    """The command inside this process, on the test's own database."""
    from hark.ops import postgres

    monkeypatch.setattr(postgres, "start", lambda *_: False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    return run


def test_every_command_explains_itself(hark):
    assert "acknowledge in public" in hark("--help").output
    for name in COMMANDS:
        answer = hark(name, "--help")
        assert answer.exit_code == 0, answer.output
        assert "Usage:" in answer.output


@pytest.mark.parametrize(
    "words", [["bogus"], ["brand", "add"], ["user", "add", "x@y.example"], ["run", "everything"]]
)
def test_wrong_use_is_exit_code_2(hark, words):
    assert hark(*words).exit_code == 2


def test_a_brand_its_owner_and_a_link_that_works_once(hark, client):
    answer = hark(
        "brand",
        "add",
        "Northwind",
        "--owner",
        "ada@northwind.example",
        "--time-zone",
        "Europe/Lisbon",
        "--demo",
    )
    assert answer.exit_code == 0, answer.output
    brand = Brand.objects.get(slug="northwind")
    assert brand.time_zone == "Europe/Lisbon"
    assert Member.objects.get(brand=brand).roles == ["manager", "administrator"]
    assert Account.objects.get(brand=brand).channel == "practice"
    link = answer.output.rsplit("8000", 1)[1].strip()
    assert client.get(link).status_code == 200
    assert "northwind" in hark("brand", "list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["brand", "add", " "], "needs a name"),
        (["brand", "add", "X", "--time-zone", "Mars/Base"], "not a known time zone"),
        (["user", "add", "no address", "--brand", "ternway", "--role", "agent"], "not an e-mail address"),
        (["user", "add", "a@b.example", "--brand", "nowhere", "--role", "agent"], "no brand 'nowhere'"),
        (["user", "add", "a@b.example", "--brand", "ternway", "--role", "king"], "no role “king”"),
        (["link", "stranger@b.example"], "Nobody with the address"),
    ],
)
def test_what_cant_be_done_is_a_sentence_and_exit_code_1(hark, words, said):
    Brand.objects.create(name="Ternway", slug="ternway")
    answer = hark(*words)
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.output


def test_somebody_gets_a_seat(hark):
    Brand.objects.create(name="Ternway", slug="ternway")
    words = ["user", "add", "Tomas@Ternway.example", "--brand", "ternway", "--name", "Tomáš"]
    answer = hark(*words, "--role", "agent", "--role", "lead", "--operator")
    assert answer.exit_code == 0, answer.output
    member = Member.objects.get(user__email="tomas@ternway.example")
    assert member.roles == ["agent", "lead"]
    assert member.user.is_staff
    assert hark("link", "tomas@ternway.example").exit_code == 0
    assert User.objects.count() == 1


def test_the_matrix_names_every_network(hark):
    from hark.channels.registry import NETWORKS

    rows = [json.loads(line) for line in hark("channels", "list", "--json").output.splitlines()]
    assert [row["network"] for row in rows] == list(NETWORKS)
    table = hark("channels").output
    assert all(slug in table for slug in NETWORKS)


def test_recorded_payloads_are_read_as_ndjson_and_bad_ones_named(hark, tmp_path):
    event = {
        "key": "p1.1",
        "id": "p1",
        "type": "post",
        "at": "2026-01-05T10:00:00Z",
        "text": "My parcel is late",
        "author": {"id": "c1", "handle": "ruth", "name": "Ruth"},
    }
    body = tmp_path / "body.json"
    body.write_text(json.dumps(event) + "\n" + "{broken\n")
    answer = hark("channels", "read", "practice", str(body), "--lines")
    assert answer.exit_code == 1
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["My parcel is late"]
    assert "payload 2" in answer.stderr
    assert hark("channels", "read", "carrier-pigeon", str(body)).exit_code == 1


def test_keys_are_rotated_and_the_old_one_goes(hark, settings, tmp_path, monkeypatch):
    """Every account opens with the new key alone."""
    from hark.ops import environment

    monkeypatch.setenv("HARK_DATA", str(tmp_path))
    env = environment.read()
    _, settings.HARK_CREDENTIAL_KEYS = keys.load(env)
    brand = Brand.objects.create(name="Ternway", slug="ternway")
    account = Account(brand=brand, channel="practice", external_id="x", handle="@x")
    account.seal({"hook_secret": "s3cret"})
    account.save()
    [old] = settings.HARK_CREDENTIAL_KEYS

    keys.rotate(env)
    _, settings.HARK_CREDENTIAL_KEYS = keys.load(env)
    from hark.ops import resealing

    assert resealing.reseal_all() == 1
    keys.retire(env)
    _, [new] = keys.load(env)
    assert new != old
    account.refresh_from_db()
    assert json.loads(Fernet(new).decrypt(bytes(account.encrypted))) == {"hook_secret": "s3cret"}
    assert not keys.too_open(env)


def test_credentials_that_no_key_opens_stop_the_rotation_whole(hark):
    from hark.ops import resealing
    from hark.ops.errors import OpsError

    brand = Brand.objects.create(name="Ternway", slug="ternway")
    for number, sealed in enumerate([None, Fernet(Fernet.generate_key()).encrypt(b"{}")]):
        account = Account(brand=brand, channel="practice", external_id=str(number), handle=f"@{number}")
        account.seal({"hook_secret": "s3cret"})
        account.encrypted = sealed or account.encrypted
        account.save()
    before = list(Account.objects.order_by("pk").values_list("encrypted", flat=True))
    with pytest.raises(OpsError, match="No key here opens the credentials of @1"):
        resealing.reseal_all()
    assert list(Account.objects.order_by("pk").values_list("encrypted", flat=True)) == before
