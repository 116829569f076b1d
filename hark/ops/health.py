"""What a load balancer or an orchestrator asks: does the process live, and may it be given work?"""

from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

_migrated = (
    False  # once true, true for the life of the process: migrations are never taken back while it runs
)


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all. Asks nothing else, so a sick database restarts nobody."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and knows all migrations, else 503 with what is amiss."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        migrated = is_migrated()
    except DatabaseError:
        return _answer(database="unreachable")
    return _answer(database="ok", migrations="ok" if migrated else "pending")


def is_migrated() -> bool:
    """Whether every migration of this code has been applied. Raises DatabaseError."""
    global _migrated
    _migrated = _migrated or not pending()
    return _migrated


def pending() -> list[str]:
    """Migrations of this code that the database hasn't seen, as app.name."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unknown() -> list[str]:
    """Migrations the database has seen and this code doesn't know: the database is newer than the code."""
    loader = MigrationExecutor(connections[DEFAULT_DB_ALIAS]).loader
    return unknown_to_code(f"{app}.{name}" for app, name in loader.applied_migrations)


def unknown_to_code(migrations: Iterable[str]) -> list[str]:
    """Those of the named migrations (app.name) that are of an app of ours, and not in this code."""
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in {*loader.disk_migrations, *loader.replacements}}
    ours = {name.partition(".")[0] for name in known}
    return sorted(name for name in migrations if name.partition(".")[0] in ours and name not in known)


def _answer(**checks: str) -> JsonResponse:
    healthy = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ok" if healthy else "failing", **checks}, status=200 if healthy else 503)
