"""The operations page: for operators alone, true to its samples, readable without seeing, in few queries."""

import os
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hark.brands.models import Brand, Member, User
from hark.ops import charts, lastday, operations, sampling
from hark.ops.models import Probe, Sample
from tests.axe import violations
from tests.serving import hark

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright’s loop runs in the thread of the test
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
BOUNDS = ("0.01", "0.1", "1.0", "+Inf")
pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    user = User.objects.create_superuser("olu@ternway.example", name="Olu Ade")
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def a_day(minutes=120):
    """One sample and one probe a minute: 12 messages and 20 pages each, 19 of these within 100 ms."""
    now = timezone.now().replace(second=0, microsecond=0)
    Sample.objects.bulk_create(
        Sample(
            at=now - timedelta(minutes=minutes - n),
            numbers={
                "new": {"messages": 12, "cases": 6, "replies": 1},
                "queues": {
                    "deliveries": [n % 7, 0.1],
                    "unreadable": [0, 0],
                    "outbox": [1, 0],
                    "copies": [0, 0],
                },
                "pages": {bound: count * n for bound, count in zip(BOUNDS, (0, 19, 20, 20), strict=True)},
                "counted": {"errors": n // 60, "failed_pages": 0},
                "streams": 3,
                "database_bytes": 50_000_000,
                "memory": {"web": 90_000_000, "worker": 60_000_000},
            },
        )
        for n in range(minutes)
    )
    Probe.objects.bulk_create(
        Probe(
            at=now - timedelta(minutes=n),
            seconds=None if n == 30 else 0.025,
            failure="lost" if n == 30 else "",
        )
        for n in range(minutes)
    )


def test_for_operators_alone(client, operator):
    assert client.get("/operations/").status_code == 302
    brand = Brand.objects.create(name="Ternway", slug="ternway")
    user = User.objects.create_user("ines@ternway.example")
    Member.objects.create(brand=brand, user=user, roles=["administrator", "manager"])
    client.force_login(user, backend=BACKEND)
    assert client.get("/operations/").status_code == 404
    assert "/operations/" not in client.get("/help/").content.decode()
    assert operator.get("/operations/").status_code == 200
    assert "/operations/" in operator.get("/help/").content.decode()


def test_a_new_installation_says_so(operator):
    page = operator.get("/operations/").content.decode()
    assert "the first numbers come within a minute" in page
    assert "the first one is under way" in page


def test_the_pictures_are_true_to_the_samples():
    a_day()
    found = {chart.key: chart for chart in lastday.charts(lastday.read(timezone.now()))}
    assert found["arrivals"].now == "12"
    assert found["screen"].most == "25 ms"
    assert found["inbox"].most == "6"
    assert found["pages"].now == "100 ms"
    assert found["memory"].now == "150 MB"
    assert found["database"].scale == ["50 MB", "25 MB", "0 MB"]
    assert [line.name for line in found["errors"].lines] == ["errors", "failed pages", "lost probes"]
    assert sum(value or 0 for value in found["errors"].lines[0].values) == 1
    assert sum(value or 0 for value in found["errors"].lines[2].values) == 1
    assert len(found["arrivals"].rows) == 24


def test_a_gap_stays_a_gap():
    assert charts.path([1.0, None, 2.0], 2.0) == "M0.0 50.0h.1M1000.0 0.0h.1"
    assert charts.path([0.0, 1.0, 4.0], 2.0) == "M0.0 100.0h.1L500.0 50.0L1000.0 0.0"
    for value, top in ((0.03, 0.05), (1, 1), (7, 10), (11, 20), (2_400_000, 2_500_000)):
        assert charts.round_up(value) == pytest.approx(top)


def test_a_counter_that_began_anew_is_no_fall():
    first, second = {"pages": dict.fromkeys(BOUNDS, 50.0)}, {"pages": dict.fromkeys(BOUNDS, 2.0)}
    assert lastday.slowest_of_twenty(second, first) is None
    assert lastday.slowest_of_twenty(second, {}) is not None
    assert lastday._rise("errors")({"counted": {"errors": 1}}, {"counted": {"errors": 9}}) == 1


def test_as_many_queries_for_a_full_day_as_for_none(operator, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as first:
        operator.get("/operations/")
    a_day(200)
    with django_assert_max_num_queries(20) as second:
        operator.get("/operations/")
    assert len(second) <= len(first)


def test_a_sample_is_taken_once_a_minute(monkeypatch):
    noon = timezone.now()
    monkeypatch.setattr(sampling.timezone, "now", lambda: noon)  # no turn of the minute in between
    sampling.work()
    sampling.work()
    [sample] = Sample.objects.all()
    assert sample.numbers["new"] == {"messages": 0, "cases": 0, "replies": 0}
    assert sample.numbers["queues"]["deliveries"][0] == 0
    assert sample.numbers["database_bytes"] > 1_000_000
    assert set(sampling.look(sample.numbers)) == set(sample.numbers)


def test_slow_queries_are_gathered_by_their_text():
    lines = [
        {"sql": "SELECT 1", "ms": 300, "page": "cases:queue", "timestamp": "2026-11-20T10:00:02Z"},
        {"sql": "SELECT 2", "ms": 400, "process": "worker-1", "timestamp": "2026-11-20T10:00:01Z"},
        {"sql": "SELECT 1", "ms": 900, "page": "cases:case", "timestamp": "2026-11-20T10:00:00Z"},
    ]
    worst, other = operations.slow_queries(lines)
    assert (worst.sql, worst.times, worst.worst_ms, worst.page) == ("SELECT 1", 2, 900, "cases:queue")
    assert other.page == "worker-1"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_axe_finds_nothing_and_a_phone_need_not_scroll_sideways(browser, operator, width, theme):
    a_day()
    with hark() as address:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        cookie = operator.cookies["hark_session"].value
        context.add_cookies([{"name": "hark_session", "value": cookie, "url": address}])
        page = context.new_page()
        problems = []
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.goto(f"{address}/operations/")
        page.get_by_text("As a table").first.click()
        page.get_by_role("table").get_by_text("12", exact=True).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
        assert problems == []
        context.close()
