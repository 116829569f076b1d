"""Housekeeping of the job queue itself. Found by procrastinate, which looks for `tasks` in every app."""

from typing import Any

from procrastinate import JobContext
from procrastinate.contrib.django import app

KEEP_JOBS_HOURS = 7 * 24


@app.periodic(cron="* * * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.retry_stalled", queueing_lock="ops.retry_stalled", pass_context=True)  # type: ignore[untyped-decorator]
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs whose worker was killed: procrastinate leaves them be until somebody asks (spike 3)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")  # type: ignore[untyped-decorator]
@app.task(name="ops.tidy", queueing_lock="ops.tidy", pass_context=True)  # type: ignore[untyped-decorator]
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forget finished jobs and ended sessions."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=False)
    await _clear_sessions()


async def _clear_sessions() -> Any:
    from asgiref.sync import sync_to_async
    from django.core.management import call_command

    return await sync_to_async(call_command)("clearsessions", verbosity=0)
