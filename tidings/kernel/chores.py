"""The kernel's own periodic work."""

from datetime import timedelta

from django.db import connection

from tidings.kernel import idempotency, partitions, sealer
from tidings.kernel.jobs import every

DELETE_MARKS = "DELETE FROM kernel_donejob WHERE done_at < now() - interval '7 days'"
DELETE_OLD_JOBS = """
    DELETE FROM procrastinate_jobs AS job WHERE status IN ('failed', 'cancelled', 'aborted')
    AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > now() - interval '30 days')
"""


@every(timedelta(seconds=1), "audit.seal")
def seal() -> None:
    sealer.seal_committed()


@every(timedelta(hours=12), "kernel.months_ahead")
def months_ahead() -> None:
    """The months first: no warning, nor a failure to give one, may keep them from being there."""
    partitions.ensure_ahead()
    partitions.warn_of_rows_astray()


@every(timedelta(days=1), "kernel.sweep_jobs")
def sweep_jobs() -> None:
    """Failed jobs stay a month to be looked at; marks of done ones a week, longer than any job is tried again."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_MARKS)
        cursor.execute(DELETE_OLD_JOBS)


@every(timedelta(hours=1), "kernel.forget_answers")
def forget_answers() -> None:
    """A program that asks again does so within minutes; after a day its answer is nobody's business any more."""
    idempotency.forget_old()
