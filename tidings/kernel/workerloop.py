"""The worker's own loop around Procrastinate's worker, which stops for good after a database outage. Only `jobs.py` uses it."""

import asyncio
import importlib
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate import jobs as procrastinate_jobs
from procrastinate.job_context import JobContext
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from tidings.kernel import beats, jobs
from tidings.kernel.errors import Conflict, Missing, Refused, TryLater
from tidings.kernel.registry import domain_modules

Result = TypeVar("Result")
log = structlog.get_logger("tidings.worker")
REOPEN_SECONDS = 0.25
STALLED_SECONDS = 20.0
BEAT_SECONDS = 0.25
THREADS = 4
GRACE_SECONDS = 20.0
ABANDON_SECONDS = 2.0
_BEAT_THREADS = 2
_MAX_ATTEMPTS = 20
_EXPECTED = (Refused, Missing, Conflict, TryLater, OperationalError, InterfaceError)
_LONGEST_PAUSE = 600


class Retry(BaseRetryStrategy):
    """What a person must mend is not tried again; a database that is away costs a second; all else waits ever longer."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate_jobs.Job
    ) -> RetryDecision | None:
        if isinstance(exception, Refused | Missing | Conflict | KeyError):
            return None
        if isinstance(exception, OperationalError | InterfaceError | asyncio.CancelledError):
            return RetryDecision(retry_at=_in(1))
        if job.attempts >= _MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_at=_in(min(2**job.attempts, _LONGEST_PAUSE)))


class _Worker(Worker):
    """Says which job's end it has written down, and at once that it ends itself. When fetching a job failed, Procrastinate's
    own first waits for all that run, without a sign of life from it, and nobody fetches meanwhile.
    """

    written: Callable[[procrastinate_jobs.Job], None]

    async def _process_job(self, context: JobContext) -> None:
        await super()._process_job(context)
        self.written(context.job)

    async def _shutdown(self, side_tasks: "list[asyncio.Task[Any]]") -> None:
        self._stop_event.set()
        await super()._shutdown(side_tasks)


class _Hand(NamedTuple):
    """A job that a thread of ours runs, whichever life of the worker began it."""

    job: procrastinate_jobs.Job
    future: "Future[None]"


class Loop:
    """One worker process. `run` returns when `stop` was called or a signal came.

    It has one life after another, each with a Procrastinate worker and connections of its own. A life that lost the
    database is abandoned at once: to let it end properly took 10 to 25 seconds, since all it does on its way out waits
    for that database (tried 2026-11). Its threads go on; the next life writes down what became of their jobs.
    """

    def __init__(self, threads: int = THREADS, stalled_seconds: float = STALLED_SECONDS) -> None:
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(threads, "job")
        self._beat_threads = ThreadPoolExecutor(
            _BEAT_THREADS, "beat"
        )  # the sealer never waits behind a long job
        self._concurrency = threads
        self._stalled_seconds = stalled_seconds
        self._worker: Worker | None = None
        self._left_behind: set[int] = set()
        self._in_hand: dict[int, _Hand] = {}
        self._turning: set[str] = set()
        self._away = False
        importlib.import_module("tidings.kernel.chores")
        domain_modules("jobs")

    def run(self) -> None:
        with self._threads, self._beat_threads:
            asyncio.run(self._run())

    def stop(self) -> None:
        """From any thread: what runs is finished, nothing new is begun."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]

    async def _run(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
        while not self._stopping.is_set():
            try:
                if await self._database_answers():
                    async with self._app().open_async() as app:
                        await self._live(app)
            except Exception as fault:  # noqa: BLE001 - the worker's loop: whatever broke, it opens anew
                log.warning("worker.reopening", fault=type(fault).__name__)
            if not self._stopping.is_set():
                await asyncio.sleep(REOPEN_SECONDS)

    async def _database_answers(self) -> bool:
        """Asked of a connection of its own: a pool that failed to connect waits twice as long each time, up to 16 seconds."""
        try:
            connection = await psycopg.AsyncConnection.connect(**_conninfo())
        except psycopg.OperationalError:
            if not self._away:
                log.warning("worker.database_away")
            self._away = True
            return False
        await connection.close()
        self._away = False
        return True

    async def _live(self, app: App) -> None:
        """One life: until the worker was asked to stop and did, or something of it broke."""
        worker = self._worker = self._new_worker(app)
        if self._stopping.is_set():
            return
        over = (
            asyncio.Event()
        )  # beside cancel(): waiting for a pooled connection may swallow that (Python 3.11)
        run = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        sides = [asyncio.create_task(self._sweep(app, over)), asyncio.create_task(self._beat(over))]
        asked = asyncio.create_task(worker._stop_event.wait())
        try:
            await asyncio.wait({run, asked, *sides}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await self._finish({run, *sides})
        finally:
            over.set()
            if worker.worker_id is not None:
                self._left_behind.add(worker.worker_id)
            if not run.done():
                await self._abandon(app, worker, run)
            asked.cancel()
            for side in sides:
                side.cancel()
            await asyncio.wait({asked, *sides}, timeout=ABANDON_SECONDS)
        _raise_first(run, *sides)

    async def _finish(self, tasks: "set[asyncio.Task[None]]") -> None:
        """Waits for what threads have in hand, however long: given to another worker meanwhile, it would be done by both."""
        while True:
            ended, _ = await asyncio.wait(tasks, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if ended or all(hand.future.done() for hand in self._in_hand.values()):
                return

    async def _abandon(self, app: App, worker: Worker, run: "asyncio.Task[None]") -> None:
        """Takes its connections away, so that nothing in it waits; what its threads have in hand stays in `_in_hand`."""
        connector = app.connector
        if isinstance(connector, PsycopgConnector):
            await connector.pool.close(timeout=0.1)
        worker.stop()  # type: ignore[no-untyped-call]
        for waiting in list(worker._running_jobs):
            waiting.cancel()  # it waits for a thread, which goes on
        await asyncio.wait({run}, timeout=ABANDON_SECONDS)
        if not run.done():
            log.error("worker.hangs")
            run.cancel()

    def _new_worker(self, app: App) -> Worker:
        worker = _Worker(
            app,
            concurrency=self._concurrency,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=self._stalled_seconds / 4,
            stalled_worker_timeout=self._stalled_seconds,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
        worker.written = self._written
        return worker

    def _written(self, job: procrastinate_jobs.Job) -> None:
        hand = self._in_hand.get(job.id or 0)
        if hand and hand.job is job and hand.future.done():
            del self._in_hand[job.id or 0]

    async def _sweep(self, app: App, over: asyncio.Event) -> None:
        """Gives back the jobs of dead workers, and our own whose end could not be written down."""
        forgotten: set[int | None] = set()
        while not over.is_set():
            if (worker_id := self._worker_id()) is not None:  # its own heart stops while it finishes its jobs
                await app.job_manager.update_heartbeat(worker_id)
            await self._look_after_left_behind(app)
            stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_seconds)
            mine = await self._doing_but_not_running(app)
            running = self._running()
            given_back = {job.id: job for job in [*stalled, *mine] if job.id not in running}
            for job in given_back.values():
                if job.worker_id != self._worker_id() or job.id in forgotten:
                    await _give_back(app, job)
            forgotten = {job.id for job in mine}
            await asyncio.sleep(self._stalled_seconds / 4)

    async def _look_after_left_behind(self, app: App) -> None:
        """What our abandoned lives had begun: it is ours for as long as a thread runs it; then its end is written down, and
        that of a job of this life that could not be.
        """
        for job_id, hand in list(self._in_hand.items()):
            if hand.future.done() and job_id not in self._processing():
                await _write_down(app, hand)
                self._written(hand.job)
        still = {hand.job.worker_id for hand in self._in_hand.values()}
        for worker_id in list(self._left_behind):
            if worker_id in still:
                await app.job_manager.update_heartbeat(worker_id)
            else:  # what else it had, the sweep gives back
                await app.job_manager.unregister_worker(worker_id)
                self._left_behind.discard(worker_id)

    async def _doing_but_not_running(self, app: App) -> list[procrastinate_jobs.Job]:
        worker_id = self._worker_id()
        if worker_id is None:
            return []
        doing = await app.job_manager.list_jobs_async(status="doing", worker_id=worker_id)
        running = self._running()
        return [job for job in doing if job.id not in running]

    def _running(self) -> set[int | None]:
        """What this life's worker is busy with, and what threads still run for an earlier one."""
        return self._processing() | set(self._in_hand)

    def _processing(self) -> set[int | None]:
        return {context.job.id for context in self._worker._running_jobs.values()} if self._worker else set()

    def _worker_id(self) -> int | None:
        return self._worker.worker_id if self._worker else None

    async def _beat(self, over: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._beat_threads, _in_thread, beats.register_all)
        while not over.is_set():
            if self._stopping.is_set():
                self.stop()  # again: a worker that was just starting has forgotten the first time
            for code in await loop.run_in_executor(self._beat_threads, _in_thread, beats.take_due):
                if code not in self._turning:
                    self._turning.add(code)
                    turn = loop.run_in_executor(self._beat_threads, _in_thread, partial(beats.turn, code))
                    turn.add_done_callback(partial(self._turned, code))
            await asyncio.sleep(BEAT_SECONDS)

    def _app(self) -> App:
        """A new one each time: its pool knows nothing of the connections that broke."""
        connector = PsycopgConnector(
            kwargs=_conninfo(), min_size=1, max_size=6, timeout=5.0, reconnect_timeout=5.0
        )
        app = App(connector=connector)
        for code in jobs.REGISTERED:
            app.task(name=code, pass_context=True, retry=Retry())(self._do)
        return app

    async def _do(self, context: JobContext, /, **arguments: Any) -> None:
        """Runs a job in a thread. One that a thread of ours still runs, given back by another worker that heard nothing
        from us for too long, is not begun again: what comes of it is this turn's, too.
        """
        job, job_id = context.job, context.job.id or 0
        known = self._in_hand.get(job_id)
        work = partial(jobs.run_job, job_id, job.task_name, arguments)
        future = known.future if known else self._threads.submit(_in_thread, work)
        self._in_hand[job_id] = _Hand(
            job, future
        )  # until its end is written down, by this life or a later one
        ended = asyncio.wrap_future(future)
        ended.add_done_callback(partial(_looked_at, job))
        await asyncio.shield(ended)

    def _turned(self, code: str, turn: "asyncio.Future[Any]") -> None:
        self._turning.discard(code)
        if not turn.cancelled() and (fault := turn.exception()):
            log.error("beat.failed", code=code, fault=type(fault).__name__, exc_info=fault)


def _in_thread(work: Callable[[], Result]) -> Result:
    """Runs it with a fresh connection, and leaves none behind: a broken one would break the next job too."""
    close_old_connections()
    try:
        return work()
    finally:
        connections.close_all()


def _looked_at(job: procrastinate_jobs.Job, ended: "asyncio.Future[None]") -> None:
    """A fault is told at once, since what is tried again ever later would not be heard of for hours; but not that the database
    is away, nor what a person must mend.
    """
    fault = None if ended.cancelled() else ended.exception()
    if fault is not None and not isinstance(fault, _EXPECTED):
        log.error("job.broke", code=job.task_name, job=job.id, attempts=job.attempts, exc_info=fault)


def _conninfo() -> dict[str, Any]:
    """How Django connects, for connections that are none of Django's."""
    params = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(name, None)
    return params


def _raise_first(*tasks: "asyncio.Task[None]") -> None:
    """What broke, if something did; the exceptions of the others are looked at, too, so that nobody complains of them."""
    faults = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    for fault in faults:
        if fault is not None:
            raise fault


async def _give_back(app: App, job: procrastinate_jobs.Job) -> None:
    log.warning("job.given_back", code=job.task_name, job=job.id, attempts=job.attempts)
    if job.attempts >= _MAX_ATTEMPTS:  # it may be what kills its workers
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.FAILED, delete_job=False)
        return
    await _try_again(app, job, datetime.now(UTC))


async def _write_down(app: App, hand: _Hand) -> None:
    """What came of a job whose own worker could not say so, unless another worker has taken it over."""
    job, fault = hand.job, hand.future.exception()
    if isinstance(fault, _EXPECTED):  # any other was told when it broke
        log.error("job.failed", code=job.task_name, job=job.id, fault=type(fault).__name__, exc_info=fault)
    found = next(iter(await app.job_manager.list_jobs_async(id=job.id)), None)
    waits = found is not None and found.status == procrastinate_jobs.Status.TODO.value
    ours = found is not None and found.status == procrastinate_jobs.Status.DOING.value
    if ours and found is not None and found.worker_id not in (None, job.worker_id):
        return
    if fault is None and (ours or waits):
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.SUCCEEDED, delete_job=True)
    if fault is None or not ours:
        return
    decision = Retry().get_retry_decision(exception=fault, job=job)
    if decision is None or decision.retry_at is None:
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.FAILED, delete_job=False)
    else:
        await _try_again(app, job, decision.retry_at)


async def _try_again(app: App, job: procrastinate_jobs.Job, at: datetime) -> None:
    try:
        await app.job_manager.retry_job(job, retry_at=at)
    except exceptions.UniqueViolation:  # the same key waits already: that one does the work
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.ABORTED, delete_job=True)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
