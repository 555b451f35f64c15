"""Work that a worker does after the commit, and periodic work. The one module that knows Procrastinate.

A job is a plain function with JSON arguments, registered under a code, in a domain's `jobs.py`. It is done at least once:
a worker that dies leaves its job to another. `whole=True` makes its database work exactly once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction

Function = TypeVar("Function", bound=Callable[..., None])

ENQUEUE = """
    INSERT INTO procrastinate_jobs AS waiting (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
    VALUES ('default', %s, %s, %s, %s, %s)
    ON CONFLICT (queueing_lock) WHERE status = 'todo'
    DO UPDATE SET scheduled_at = least(coalesce(waiting.scheduled_at, now()), coalesce(excluded.scheduled_at, now()))
"""
MARK_DONE = "INSERT INTO kernel_donejob (job_id) VALUES (%s) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker runs under a code. `every` is set for periodic work."""

    code: str
    run: Callable[..., None]
    whole: bool = False
    priority: int = 0
    every: timedelta | None = None


REGISTERED: dict[str, Job] = {}


def job(code: str, *, whole: bool = False, priority: int = 0) -> Callable[[Function], Function]:
    """Registers a function as the job `code` such as "messaging.sweep".

    It may run twice (a worker died after its work and before saying so), so it must find out what is still to do. With
    `whole` it runs in one transaction that also marks the job done: twice is then impossible, so no network in it.
    """

    def register(run: Function) -> Function:
        _register(Job(code, run, whole, priority))
        return run

    return register


def every(interval: timedelta, code: str) -> Callable[[Function], Function]:
    """Registers periodic work, without arguments; one worker of all does each turn. Intervals from one second.

    From a minute on a turn is a job, which survives its worker; below, a turn that fails is simply followed by the next.
    """

    def register(run: Function) -> Function:
        _register(Job(code, run, every=interval))
        return run

    return register


def enqueue(code: str, at: datetime | None = None, key: str | None = None, **arguments: object) -> None:
    """Has the job `code` run after the caller's transaction has committed, not before `at`.

    With a `key` at most one such job waits: a second one only moves the first forward to the earlier moment. The waiting
    row is locked until the caller commits, so that a worker cannot run it before it can see what the caller wrote.
    """
    known = REGISTERED.get(code)
    with connection.cursor() as cursor:
        cursor.execute(ENQUEUE, [code, known.priority if known else 0, key, json.dumps(arguments), at])


def run_worker() -> None:
    """Does jobs and periodic work until SIGTERM or SIGINT; survives a database that goes away and comes back."""
    from tidings.kernel.workerloop import Loop  # here: pages enqueue without loading what only a worker needs

    Loop().run()


def run_waiting() -> int:
    """Does every job that is due, in this process, and gives how many; for tests and commands that wait for the end."""
    done = 0
    while _run_one():
        done += 1
    return done


def run_job(job_id: int, code: str, arguments: dict[str, object]) -> None:
    """Runs one job that a worker has taken. Raises what it raises."""
    known = REGISTERED[code]
    if not known.whole:
        known.run(**arguments)
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MARK_DONE, [job_id])
            if not cursor.rowcount:
                return
        known.run(**arguments)


def _run_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT id FROM procrastinate_jobs"
            " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
            " ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, task_name, args"
        )
        taken = cursor.fetchone()
        if taken is None:
            return False
        job_id, code, arguments = taken
        run_job(job_id, code, json.loads(arguments) if isinstance(arguments, str) else arguments)
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
    return True


def _register(new: Job) -> None:
    known = REGISTERED.get(new.code)
    if known and known.run.__module__ != new.run.__module__:
        raise ValueError(f"{new.run.__module__} and {known.run.__module__} both claim the job {new.code!r}")
    REGISTERED[new.code] = new
