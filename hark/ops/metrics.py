"""`/metrics`: what Prometheus reads. For whoever holds the token in `$HARK_DATA/keys/metrics`, and operators signed in."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hark import counting
from hark.brands.access import operators_only, public
from hark.ops import queues
from hark.ops.models import Probe

log = structlog.get_logger(__name__)


@require_GET
@never_cache
@public
def page(request: HttpRequest) -> HttpResponse:
    """404 for strangers, as for a page that does not exist. Says only numbers, of no brand."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    held = scheme.lower() == "bearer" and constant_time_compare(token, settings.HARK_METRICS_TOKEN)
    if not held and not operators_only(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Everything())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Everything:
    """Counters of this machine's processes, and what the database says of the whole installation."""

    def collect(self) -> Iterator[Metric]:
        yield from counting.collect()
        up = GaugeMetricFamily("hark_database_up", "Whether the database answered")
        try:
            found = [*_queues(), *_probe(), _size()]
        except DatabaseError as problem:
            log.warning("metrics.database_away", problem=str(problem).split("\n")[0])
            found = []
        up.add_metric([], float(bool(found)))
        yield up
        yield from found


def _queues() -> Iterator[Metric]:
    depth = GaugeMetricFamily("hark_queue_depth", "What waits, by queue", labels=["queue"])
    oldest = GaugeMetricFamily(
        "hark_queue_oldest_seconds", "How long the oldest of a queue is due", labels=["queue"]
    )
    for queue in queues.measure():
        depth.add_metric([queue.name], queue.depth)
        oldest.add_metric([queue.name], queue.oldest_seconds)
    yield depth
    yield oldest


def _probe() -> Iterator[Metric]:
    last = Probe.objects.order_by("-at").first()
    if last is None:
        return
    at = GaugeMetricFamily("hark_probe_started_timestamp_seconds", "When the last probe set out")
    at.add_metric([], last.at.timestamp())
    yield at
    came = GaugeMetricFamily("hark_probe_up", "Whether the last probe reached a screen")
    came.add_metric([], float(last.seconds is not None))
    yield came
    if last.seconds is not None:
        took = GaugeMetricFamily("hark_probe_seconds", "From the door to a screen, the last probe")
        took.add_metric([], last.seconds)
        yield took


def _size() -> Metric:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = GaugeMetricFamily("hark_database_bytes", "Size of the database on disk")
        size.add_metric([], cursor.fetchone()[0])
    return size
