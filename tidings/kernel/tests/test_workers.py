"""Real workers on a real server that goes away, and workers that are killed in the middle of a job."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from structlog.testing import capture_logs

from tests import database
from tidings.kernel import beats, chores, jobs, postgres  # noqa: F401 - its beats
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.tests import worker_process  # noqa: F401 - its jobs
from tidings.kernel.workerloop import Loop

# A server logs 32 numbers of a sequence ahead. A clone believes its template's log, so that after a crash it would give
# numbers anew that it gave before.
PAST_THOSE_NOT_LOGGED = """
    SELECT nextval(quote_ident(sequencename)::regclass) FROM pg_sequences, generate_series(1, 40)
    WHERE starts_with(sequencename, 'procrastinate')
"""


@pytest.fixture
def scratch(own_database: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch (n integer)")
        for job in jobs.REGISTERED.values():  # the kernel's own slow beats are not due during a test
            if job.every and job.every >= beats.A_JOB_FROM:
                cursor.execute(
                    "INSERT INTO kernel_beat VALUES (%s, make_interval(secs => %s), now() + interval '1 hour')",
                    [job.code, job.every.total_seconds()],
                )
    return own_database


@contextlib.contextmanager
def worker_thread() -> Iterator[Loop]:
    loop = Loop(threads=2, stalled_seconds=1.2)
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield loop
    finally:
        loop.stop()
        thread.join(60)
        assert not thread.is_alive()


@contextlib.contextmanager
def outage(seconds: float) -> Iterator[None]:
    """The test run's own server, thrown down in the middle of whatever it did, and started again."""
    if database._server is None:
        pytest.skip("needs the embedded server, which it stops")
    with (
        connection.cursor() as cursor
    ):  # it writes its log late, and would come back without what the test wrote last
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(PAST_THOSE_NOT_LOGGED)
        cursor.execute("INSERT INTO scratch (n) VALUES (0)")
        cursor.execute("DELETE FROM scratch WHERE n = 0")
    connection.close()
    database._server.send_signal(signal.SIGQUIT)
    database._server.wait(30)
    try:
        time.sleep(seconds)
        yield
    finally:
        database._server = postgres.start(postgres.cluster_of(database.home))


def rows() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM scratch ORDER BY n")
        return [n for (n,) in cursor.fetchall()]


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE %s", ["test.%"])
        return int(cursor.fetchone()[0])


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OperationalError, InterfaceError):
            if condition():
                return
        connection.close_if_unusable_or_obsolete()
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


def test_a_worker_resumes_by_itself_after_the_database_was_away(scratch: str) -> None:
    jobs.enqueue("test.quick", n=1)
    with worker_thread():
        until(lambda: rows() == [1])
        jobs.enqueue("test.quick", n=2, at=now() + timedelta(seconds=1.5))
        jobs.enqueue("test.slow_whole", n=3, seconds=1.0)
        time.sleep(0.4)  # the slow one is in the middle of its transaction when the server goes
        with outage(2):
            pass
        jobs.enqueue("test.quick", n=4)
        until(lambda: rows() == [1, 2, 3, 4] and waiting_jobs() == 0)


def test_a_job_whose_thread_outlives_an_outage_is_not_begun_twice(scratch: str) -> None:
    begun: list[str] = []
    may_end = threading.Event()

    @jobs.job("test.long_away")
    def long_away() -> None:
        begun.append("long_away")
        may_end.wait(60)

    jobs.enqueue("test.long_away")
    with worker_thread():
        until(lambda: len(begun) == 1)
        with outage(2):
            pass
        jobs.enqueue("test.quick", n=1)
        until(lambda: rows() == [1])
        time.sleep(2.5)  # longer than the job of a silent worker stays its own
        assert (len(begun), waiting_jobs()) == (1, 1)
        may_end.set()
        until(lambda: waiting_jobs() == 0)
    assert len(begun) == 1


def test_what_came_of_jobs_that_ended_during_an_outage_is_written_down(scratch: str) -> None:
    begun: list[str] = []
    may_end = threading.Event()

    @jobs.job("test.ends_away")
    def ends_away() -> None:
        begun.append("ends")
        may_end.wait(60)

    @jobs.job("test.refused_away")
    def refused_away() -> None:
        begun.append("refused")
        may_end.wait(60)
        raise Refused("test.no")

    jobs.enqueue("test.ends_away")
    jobs.enqueue("test.refused_away")
    with worker_thread():
        until(lambda: len(begun) == 2)
        with outage(1.5):
            may_end.set()
        until(lambda: _status() == ["failed"])
        time.sleep(0.5)
    assert sorted(begun) == ["ends", "refused"]


def test_a_job_that_another_worker_gave_back_is_not_begun_again_while_a_thread_of_ours_runs_it(
    scratch: str,
) -> None:
    """The other one heard nothing from us for too long: our machine was busy."""
    begun: list[int] = []
    may_end = threading.Event()

    @jobs.job("test.given_back")
    def given_back() -> None:
        begun.append(1)
        may_end.wait(60)

    jobs.enqueue("test.given_back")
    with worker_thread():
        until(lambda: len(begun) == 1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1")
        until(lambda: _doing() == 1)
        may_end.set()
        until(lambda: waiting_jobs() == 0)
    assert len(begun) == 1


def test_a_worker_that_finishes_its_job_before_it_stops_still_shows_that_it_lives(scratch: str) -> None:
    begun, may_end = threading.Event(), threading.Event()

    @jobs.job("test.finishing")
    def finishing() -> None:
        begun.set()
        may_end.wait(60)

    jobs.enqueue("test.finishing")
    with worker_thread() as loop:
        assert begun.wait(60)
        loop.stop()
        seen = [_last_sign()]
        for _ in range(3):
            until(lambda: _last_sign() > seen[-1])
            seen.append(_last_sign())
        may_end.set()
    assert waiting_jobs() == 0


def _last_sign() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        found: datetime = cursor.fetchone()[0]
        return found


def start_worker_process(name: str) -> "subprocess.Popen[bytes]":
    settings = connection.settings_dict
    known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parts = {key: settings[upper] for key, upper in known.items() if settings[upper]}
    url = psycopg.conninfo.make_conninfo(dbname=name, **parts)
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings.kernel.tests.worker_process"],
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tidings.config.settings",
        },
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_job_of_a_killed_worker_is_done_once_more_and_its_rows_not_doubled(scratch: str) -> None:
    jobs.enqueue("test.slow_whole", n=1, seconds=0.3)
    jobs.enqueue("test.slow_whole", n=2, seconds=60)
    killed = start_worker_process(scratch)
    try:
        until(lambda: rows() == [1])
        until(lambda: _doing() == 1)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    with connection.cursor() as cursor:  # so that the second run ends
        cursor.execute("UPDATE procrastinate_jobs SET args = args || '{\"seconds\": 0}'")
    with worker_thread():
        until(lambda: rows() == [1, 2] and waiting_jobs() == 0)


def _doing() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name LIKE %s", ["test.%"]
        )
        return int(cursor.fetchone()[0])


def test_a_job_that_took_twenty_workers_with_it_is_not_given_to_another(scratch: str) -> None:
    jobs.enqueue("test.quick", n=1)
    jobs.enqueue("test.quick", n=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = args['n']::integer * 10")
    with worker_thread():
        until(lambda: _status() == ["failed"])
    assert rows() == [1]


def test_a_whole_job_that_was_committed_but_not_marked_finished_does_nothing_again(scratch: str) -> None:
    for _ in range(2):
        jobs.run_job(77, "test.slow_whole", {"n": 1, "seconds": 0})
    assert rows() == [1]


def test_a_worker_asked_to_stop_finishes_what_it_has_in_hand(scratch: str) -> None:
    jobs.enqueue("test.slow_whole", n=1, seconds=0.6)
    with worker_thread():
        until(lambda: _doing() == 1)
    assert (rows(), waiting_jobs()) == ([1], 0)


def test_a_job_is_seen_only_after_the_commit_and_never_after_a_rollback(scratch: str) -> None:
    with worker_thread():
        with contextlib.suppress(Refused), transaction.atomic():
            jobs.enqueue("test.quick", n=1)
            raise Refused("test.no")
        with transaction.atomic():
            jobs.enqueue("test.quick", n=2)
            time.sleep(0.3)
            assert rows() == []
        until(lambda: rows() == [2])


def test_a_refused_job_is_not_tried_again_and_stays_to_be_looked_at(scratch: str) -> None:
    tries: list[int] = []

    @jobs.job("test.refused")
    def refused() -> None:
        tries.append(1)
        raise Refused("test.no")

    jobs.enqueue("test.refused")
    with worker_thread():
        until(lambda: _status() == ["failed"])
        time.sleep(0.3)
    assert tries == [1]


def _status() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs")
        return [status for (status,) in cursor.fetchall()]


def test_a_job_that_broke_is_tried_again_and_is_told_at_once(scratch: str) -> None:
    tries: list[int] = []

    @jobs.job("test.breaks_once")
    def breaks_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError

    jobs.enqueue("test.breaks_once")
    with capture_logs() as told, worker_thread():
        until(lambda: len(tries) == 2 and waiting_jobs() == 0)
    broke = [line for line in told if line["event"] == "job.broke"]
    assert [(line["log_level"], line["code"]) for line in broke] == [("error", "test.breaks_once")]


def test_work_every_second_and_less_often_is_done_by_one_of_two_workers(scratch: str) -> None:
    turns: list[float] = []
    jobs.every(timedelta(seconds=1), "test.every_second")(lambda: turns.append(time.monotonic()))
    jobs.every(timedelta(hours=1), "test.hourly")(lambda: turns.append(0.0))
    try:
        with worker_thread(), worker_thread():
            time.sleep(2.4)
    finally:
        del jobs.REGISTERED["test.every_second"], jobs.REGISTERED["test.hourly"]
    seconds = [turn for turn in turns if turn]
    assert turns.count(0.0) == 1
    assert 2 <= len(seconds) <= 3
    assert all(later - earlier > 0.7 for earlier, later in itertools.pairwise(seconds))


def test_a_beat_is_due_for_one_taker_only(own_database: str) -> None:
    jobs.every(timedelta(minutes=5), "test.beat")(lambda: None)
    try:
        beats.register_all()
        assert "test.beat" in beats.take_due()
        assert "test.beat" not in beats.take_due()
    finally:
        del jobs.REGISTERED["test.beat"]


def test_a_waiting_job_with_a_key_is_held_until_who_asked_again_commits(scratch: str) -> None:
    """Else a worker runs it before it can see what the second caller wrote, and the change is never looked at."""
    jobs.enqueue("test.quick", n=1, key="look")
    asked, may_commit = threading.Event(), threading.Event()

    def ask_again() -> None:
        with transaction.atomic():
            jobs.enqueue("test.quick", n=1, key="look")
            asked.set()
            may_commit.wait(10)
        connection.close()

    second = threading.Thread(target=ask_again)
    second.start()
    assert asked.wait(10)
    try:
        assert jobs.run_waiting() == 0
    finally:
        may_commit.set()
        second.join()
    assert (jobs.run_waiting(), rows()) == (1, [1])


def test_a_second_request_moves_a_waiting_job_forward_never_back(scratch: str) -> None:
    soon, late = now() + timedelta(minutes=1), now() + timedelta(hours=1)
    for at in (late, soon, late):
        jobs.enqueue("test.quick", n=1, key="deadline", at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs")
        assert cursor.fetchall() == [(soon,)]
