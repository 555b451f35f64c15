"""Periodic work: one row per beat says when it is due; whichever worker moves that moment on does the turn."""

from datetime import timedelta

from django.db import connection

from tidings.kernel import jobs

REGISTER = """
    INSERT INTO kernel_beat AS beat (code, every, due_at) VALUES (%s, make_interval(secs => %s), now())
    ON CONFLICT (code) DO UPDATE SET every = excluded.every, due_at = least(beat.due_at, now() + excluded.every)
    WHERE beat.every <> excluded.every
"""
TAKE_DUE = """
    UPDATE kernel_beat SET due_at = now() + every
    WHERE code IN (SELECT code FROM kernel_beat WHERE due_at <= now() AND code = ANY(%s) FOR UPDATE SKIP LOCKED)
    RETURNING code
"""
A_JOB_FROM = timedelta(minutes=1)


def register_all() -> None:
    """Writes a row for every `@every` this process knows; a changed interval counts from now."""
    with connection.cursor() as cursor:
        for job in sorted(jobs.REGISTERED.values(), key=lambda job: job.code):
            if job.every is not None:
                cursor.execute(REGISTER, [job.code, job.every.total_seconds()])


def take_due() -> list[str]:
    """The codes whose turn it is, now ours; nobody else gets the same turn."""
    mine = [job.code for job in jobs.REGISTERED.values() if job.every is not None]
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DUE, [mine])
        return [code for (code,) in cursor.fetchall()]


def turn(code: str) -> None:
    """Does one turn: frequent work here and now, the rest as a job that outlives its worker."""
    beat = jobs.REGISTERED[code]
    if beat.every is not None and beat.every >= A_JOB_FROM:
        jobs.enqueue(code, key=f"every:{code}")
    else:
        beat.run()
