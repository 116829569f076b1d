"""`hark doctor` and the health pages: what is amiss is found, with what to do about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from hark.brands.models import Brand
from hark.channels.models import Account, Delivery
from hark.ops import doctor, environment, health
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.models import Probe


@pytest.fixture
def env(tmp_path, db) -> Environment:
    """A data directory of its own, and the test's database as if an operator had named it."""
    wrapped = connection.settings_dict
    options = wrapped["OPTIONS"]
    host = wrapped["HOST"] or options.get("host", "")
    parts = {"dbname": wrapped["NAME"], "user": wrapped["USER"], "host": host, "port": wrapped["PORT"]}
    url = " ".join(f"{name}='{value}'" for name, value in parts.items() if value)
    return environment.read({"HARK_DATA": str(tmp_path), "HARK_DATABASE_URL": url})


@pytest.fixture
def account(db) -> Account:
    brand = Brand.objects.create(name="Ternway", slug="ternway")
    return Account.objects.create(brand=brand, channel="practice", external_id="x", handle="@ternway")


def states(env: Environment) -> dict[str, str]:
    return {finding.about: finding.state for finding in doctor.examine(env)}


def test_all_is_well(env, account):
    found = states(env)
    assert set(found) >= {
        "disk",
        "keys",
        "database",
        "migrations",
        "clock",
        "arrivals",
        "outbox",
        "accounts",
        "jobs",
    }
    assert {state for about, state in found.items() if about != "disk"} == {"ok"}


def test_a_queue_that_stands_still(env, account):
    late = timezone.now() - timedelta(minutes=10)
    Delivery.objects.create(brand=account.brand, account=account, event_key="1", raw=b"{}", received_at=late)
    Delivery.objects.create(brand=account.brand, account=account, event_key="2", raw=b"{", state=2)
    found = [finding for finding in doctor.examine(env) if finding.about == "arrivals"]
    assert [finding.state for finding in found] == ["broken", "warning"]
    assert "hark run worker" in found[0].remedy


def test_an_account_that_must_be_connected_anew(env, account):
    Account.objects.update(health=Account.Health.RECONNECT, last_error="The password was changed.")
    [finding] = [finding for finding in doctor.examine(env) if finding.about.startswith("account ")]
    assert finding.state == "broken"
    assert finding.text == "The password was changed."


def test_keys_that_others_can_read(env):
    states(env)
    (env.keys / "credentials").chmod(0o644)
    [finding] = [finding for finding in doctor.examine(env) if finding.about == "keys"]
    assert finding.state == "warning"
    assert finding.remedy.startswith("chmod go= ")


def test_a_probe_that_was_lost_or_is_late(env, account):
    probe = Probe.objects.create(at=timezone.now(), failure="no screen heard of it within 10 s")
    [finding] = [finding for finding in doctor.examine(env) if finding.about == "probe"]
    assert finding.state == "broken"
    assert "hark" not in finding.text.lower()
    assert finding.remedy

    Probe.objects.filter(pk=probe.pk).update(at=timezone.now() - timedelta(hours=1), failure="", seconds=0.02)
    [finding] = [finding for finding in doctor.examine(env) if finding.about == "probe"]
    assert (finding.state, finding.text) == ("warning", "the last one set out 60 minutes ago")


@pytest.mark.parametrize(("days", "state"), [(60, "ok"), (3, "warning")])
def test_a_certificate_that_ends_soon(tmp_path, monkeypatch, days, state):
    env = environment.read({"HARK_DATA": str(tmp_path), "HARK_PUBLIC_URL": "https://care.example"})
    monkeypatch.setattr(
        doctor, "_certificate_ends", lambda host, port: datetime.now(UTC) + timedelta(days=days, hours=1)
    )
    [finding] = doctor.certificate(env)
    assert (finding.state, finding.text) == (state, f"that of care.example is good for {days} more days")


def test_a_certificate_that_nobody_shows(tmp_path):
    env = environment.read({"HARK_DATA": str(tmp_path), "HARK_PUBLIC_URL": "https://127.0.0.1:9"})
    [finding] = doctor.certificate(env)
    assert finding.state == "warning"
    assert "can't be reached" in finding.text
    plain = environment.read({"HARK_DATA": str(tmp_path)})
    assert list(doctor.certificate(plain)) == []


def test_a_database_that_is_not_there(tmp_path):
    env = environment.read(
        {"HARK_DATA": str(tmp_path), "HARK_DATABASE_URL": "host=127.0.0.1 port=1 user=x dbname=x"}
    )
    assert states(env)["database"] == "broken"


def test_ready_says_what_is_amiss(client, db, monkeypatch):
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").status_code == 200

    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health, "pending", lambda: ["cases.0002_more"])
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "pending"

    def gone() -> bool:
        raise DatabaseError

    monkeypatch.setattr(health, "is_migrated", gone)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HARK_PORT": "eighty"}, "HARK_PORT is 'eighty'"),
        ({"HARK_PORT": "70000"}, "0 to 65535"),
        ({"HARK_DEBUG": "maybe"}, "1 (on) or 0 (off)"),
        ({"HARK_PUBLIC_URL": "care.example"}, "an address such as https://care.example"),
    ],
)
def test_a_variable_that_cant_be_read_is_named(variables, said):
    with pytest.raises(OpsError) as caught:
        environment.read(variables)
    assert said in str(caught.value)


def test_the_public_address_decides_whom_requests_may_name():
    env = environment.read(
        {"HARK_PUBLIC_URL": "https://care.example/", "HARK_ALLOWED_HOSTS": "a.example, b.example"}
    )
    assert env.public_url == "https://care.example"
    assert {"care.example", "localhost", "a.example", "b.example"} <= set(env.allowed_hosts)
    assert environment.read({"HARK_HOST": "::1", "HARK_PORT": "81"}).public_url == "http://[::1]:81"
