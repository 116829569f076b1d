"""No table grows without a rule, and the rules are carried out."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from hark.brands.models import Brand, SignInLink, User
from hark.cases.models import Presence
from hark.ops import retention
from hark.ops.models import Probe, Sample

pytestmark = pytest.mark.django_db


def test_every_table_has_a_rule():
    models = {model._meta.label for model in apps.get_models(include_auto_created=False)}
    ruled = {*retention.KEPT, *retention.PRUNED}
    assert models - ruled == set(), "say in hark/ops/retention.py how long it keeps its rows"
    assert ruled - models == set()
    assert not {*retention.KEPT} & {*retention.PRUNED}


def test_no_table_of_the_database_is_forgotten():
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    others = {"hark_cache", "django_migrations"}
    assert set(connection.introspection.table_names()) - known - others == set()


def test_what_is_old_goes_and_what_is_young_stays():
    now = timezone.now()
    for days in (1, 9):
        Sample.objects.create(at=now - timedelta(days=days))
        Probe.objects.create(at=now - timedelta(days=days), seconds=0.1)
    user = User.objects.create_user("tomas@ternway.example")
    for days in (0, 30):
        SignInLink.objects.create(user=user, token_hash=str(days), expires_at=now - timedelta(days=days))
    assert retention.prune() == {"ops.Sample": 1, "ops.Probe": 1, "brands.SignInLink": 1}
    assert retention.prune() == {}
    assert [probe.at for probe in Probe.objects.all()] == [now - timedelta(days=1)]
    assert not Presence.objects.exists()
    assert not Brand.objects.exists()
