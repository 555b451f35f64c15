"""The worker's own loop around Procrastinate's worker, which stops for good after a database outage. Only `jobs.py` uses it."""

import asyncio
import importlib
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate import jobs as procrastinate_jobs
from procrastinate.job_context import JobContext
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from tidings.kernel import beats, jobs
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.registry import domain_modules

Result = TypeVar("Result")
log = structlog.get_logger("tidings.worker")
REOPEN_SECONDS = 0.5
STALLED_SECONDS = 20.0
BEAT_SECONDS = 0.25
THREADS = 4
GRACE_SECONDS = 20.0
_BEAT_THREADS = 2
_MAX_ATTEMPTS = 20
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


class Loop:
    """One worker process. `run` returns when `stop` was called or a signal came."""

    def __init__(self, threads: int = THREADS, stalled_seconds: float = STALLED_SECONDS) -> None:
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(threads, "job")
        self._beat_threads = ThreadPoolExecutor(
            _BEAT_THREADS, "beat"
        )  # the sealer never waits behind a long job
        self._concurrency = threads
        self._stalled_seconds = stalled_seconds
        self._worker: Worker | None = None
        self._left_behind: int | None = None
        self._turning: set[str] = set()
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
                async with self._app().open_async() as app:
                    await self._work(app)
            except Exception as fault:  # noqa: BLE001 - the worker's loop: whatever broke, it opens anew
                log.warning("worker.reopening", fault=type(fault).__name__)
            if not self._stopping.is_set():
                await asyncio.sleep(REOPEN_SECONDS)

    async def _work(self, app: App) -> None:
        if self._left_behind is not None:
            # What we had in hand when the database went away: none of our threads runs it now, the sweep gives it back.
            await app.job_manager.unregister_worker(self._left_behind)
            self._left_behind = None
        worker = self._worker = self._new_worker(app)
        if self._stopping.is_set():
            return
        over = (
            asyncio.Event()
        )  # beside cancel(), which waiting for a pooled connection may swallow (Python 3.11)
        sides = [asyncio.create_task(self._sweep(app, over)), asyncio.create_task(self._beat(over))]
        for side in sides:
            side.add_done_callback(self._side_ended)
        try:
            await _run_to_the_end(app, worker)
        finally:
            self._left_behind = worker.worker_id
            over.set()
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)

    def _new_worker(self, app: App) -> Worker:
        return Worker(
            app,
            concurrency=self._concurrency,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=self._stalled_seconds / 4,
            stalled_worker_timeout=self._stalled_seconds,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,
        )

    async def _sweep(self, app: App, over: asyncio.Event) -> None:
        """Gives back the jobs of dead workers, and our own whose end could not be written down."""
        forgotten: set[int | None] = set()
        while not over.is_set():
            stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_seconds)
            mine = await self._doing_but_not_running(app)
            running = self._running()
            given_back = {job.id: job for job in [*stalled, *mine] if job.id not in running}
            for job in given_back.values():
                if job.worker_id != self._worker_id() or job.id in forgotten:
                    await _give_back(app, job)
            forgotten = {job.id for job in mine}
            await asyncio.sleep(self._stalled_seconds / 4)

    async def _doing_but_not_running(self, app: App) -> list[procrastinate_jobs.Job]:
        worker_id = self._worker_id()
        if worker_id is None:
            return []
        doing = await app.job_manager.list_jobs_async(status="doing", worker_id=worker_id)
        running = self._running()
        return [job for job in doing if job.id not in running]

    def _running(self) -> set[int | None]:
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
        params = connections["default"].get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            params.pop(name, None)
        connector = PsycopgConnector(
            kwargs=params, min_size=1, max_size=6, timeout=5.0, reconnect_timeout=5.0
        )
        app = App(connector=connector)
        for code in jobs.REGISTERED:
            app.task(name=code, pass_context=True, retry=Retry())(self._do)
        return app

    async def _do(self, context: JobContext, /, **arguments: Any) -> None:
        job = context.job
        work = partial(jobs.run_job, job.id or 0, job.task_name, arguments)
        await asyncio.get_running_loop().run_in_executor(self._threads, _in_thread, work)

    def _side_ended(self, side: "asyncio.Task[None]") -> None:
        if not side.cancelled() and side.exception() and self._worker is not None:
            log.warning("worker.side_ended", fault=type(side.exception()).__name__)
            self._worker.stop()  # type: ignore[no-untyped-call]

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


async def _run_to_the_end(app: App, worker: Worker) -> None:
    """Until it was asked to stop and did. One that hangs on its way out loses its connections, which ends it."""
    run = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
    asked = asyncio.create_task(worker._stop_event.wait())
    await asyncio.wait({run, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    done, _ = await asyncio.wait({run}, timeout=GRACE_SECONDS + 5)
    if not done:
        log.error("worker.hangs")
        await app.close_async()
    await run


async def _give_back(app: App, job: procrastinate_jobs.Job) -> None:
    log.warning("job.given_back", code=job.task_name, job=job.id, attempts=job.attempts)
    if job.attempts >= _MAX_ATTEMPTS:  # it may be what kills its workers
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.FAILED, delete_job=False)
        return
    try:
        await app.job_manager.retry_job(job)
    except exceptions.UniqueViolation:  # the same key waits already: that one does the work
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.ABORTED, delete_job=True)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
