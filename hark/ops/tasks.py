"""Housekeeping of the job queue itself. Found by procrastinate, which looks for `tasks` in every app."""

import structlog
from allauth.account.models import EmailConfirmation
from asgiref.sync import sync_to_async
from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

from hark.journeys import secure_page
from hark.ops import retention

log = structlog.get_logger(__name__)

KEEP_JOBS_HOURS = 7 * 24
KEEP_FAILED_HOURS = 30 * 24


@app.periodic(cron="* * * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.retry_stalled", queueing_lock="ops.retry_stalled", pass_context=True)  # type: ignore[untyped-decorator]
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs whose worker was killed: procrastinate leaves them be until somebody asks (spike 3)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="* * * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.backup", queueing_lock="ops.backup", lock="ops.backup")  # type: ignore[untyped-decorator]
async def back_up(timestamp: int) -> None:
    """A backup, when HARK_BACKUP_EVERY says it is time for one."""
    await sync_to_async(_back_up, thread_sensitive=False)()


def _back_up() -> None:
    from django.db import close_old_connections, connection

    from hark.ops import environment
    from hark.ops.backups import schedule

    close_old_connections()
    try:
        run = schedule.run_if_due(environment.read())
        if run and run.problem:
            log.error("backup.failed", place=run.place, problem=run.problem)
        elif run:
            log.info("backup.made", place=run.place, bytes=run.size, verified=bool(run.verified_at))
    finally:
        connection.close()


@app.periodic(cron="17 3 * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.tidy", queueing_lock="ops.tidy", pass_context=True)  # type: ignore[untyped-decorator]
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forget finished jobs and ended sessions, and whatever else is past its time."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=False)
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_HOURS, include_failed=True)
    await sync_to_async(_tidy_tables)()


@app.periodic(cron="23 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.expiry", queueing_lock="ops.expiry", lock="ops.expiry")  # type: ignore[untyped-decorator]
async def tell_expiry(timestamp: int) -> None:
    """Mail about accounts whose permission ends, or that have stopped."""
    await sync_to_async(_tell_expiry, thread_sensitive=False)()


def _tell_expiry() -> None:
    from django.db import close_old_connections, connection

    from hark.channels import expiry

    close_old_connections()
    try:
        expiry.tell_due()
    finally:
        connection.close()


@app.periodic(cron="41 3 * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.recount", queueing_lock="ops.recount", lock="ops.recount")  # type: ignore[untyped-decorator]
async def recount(timestamp: int) -> None:
    """What stands here against what stands there, where a network can count."""
    await sync_to_async(_recount, thread_sensitive=False)()


def _recount() -> None:
    from django.db import close_old_connections, connection

    from hark.journeys import recounting

    close_old_connections()
    try:
        log.info("ops.recounted", accounts=recounting.recount_all())
    finally:
        connection.close()


def _tidy_tables() -> None:
    call_command("clearsessions", verbosity=0)
    EmailConfirmation.objects.delete_expired_confirmations()
    erased = secure_page.erase_due()
    log.info("ops.tidied", gone=retention.prune(), pages_erased=erased)
