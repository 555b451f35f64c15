"""The worker's own loop around Procrastinate's worker, which stops for good after a database outage. Only `jobs.py` uses it."""

import asyncio
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
SWEEP_SECONDS = 10.0
STALLED_SECONDS = 20.0
BEAT_SECONDS = 0.25
THREADS = 4
GRACE_SECONDS = 20.0
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

    def __init__(self, threads: int = THREADS) -> None:
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(threads, "job")
        self._concurrency = threads
        self._worker: Worker | None = None
        self._left_behind: int | None = None
        self._turning: set[str] = set()
        domain_modules("jobs")

    def run(self) -> None:
        with self._threads:
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
        if (
            self._left_behind is not None
        ):  # what we had in hand when the database went: none of our threads runs it now
            await app.job_manager.unregister_worker(self._left_behind)
            self._left_behind = None
        self._worker = Worker(
            app,
            concurrency=self._concurrency,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=5.0,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
        if self._stopping.is_set():
            return
        sides = [asyncio.create_task(self._sweep(app)), asyncio.create_task(self._beat())]
        for side in sides:
            side.add_done_callback(self._side_ended)
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        finally:
            self._left_behind = self._worker.worker_id
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)

    async def _sweep(self, app: App) -> None:
        """Gives back the jobs of dead workers, and our own whose end could not be written down."""
        forgotten: set[int] = set()
        while True:
            stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
            mine = await self._doing_but_not_running(app)
            for job in [*stalled, *(job for job in mine if job.id in forgotten)]:
                await _give_back(app, job)
            forgotten = {job.id for job in mine if job.id is not None}
            await asyncio.sleep(SWEEP_SECONDS)

    async def _doing_but_not_running(self, app: App) -> list[procrastinate_jobs.Job]:
        worker = self._worker
        if worker is None or worker.worker_id is None:
            return []
        doing = await app.job_manager.list_jobs_async(status="doing", worker_id=worker.worker_id)
        running = {context.job.id for context in worker._running_jobs.values()}
        return [job for job in doing if job.id not in running]

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, _in_thread, beats.register_all)
        while True:
            for code in await loop.run_in_executor(self._threads, _in_thread, beats.take_due):
                if code not in self._turning:
                    self._turning.add(code)
                    turn = loop.run_in_executor(self._threads, _in_thread, partial(beats.turn, code))
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


async def _give_back(app: App, job: procrastinate_jobs.Job) -> None:
    log.warning("job.given_back", code=job.task_name, job=job.id)
    try:
        await app.job_manager.retry_job(job)
    except exceptions.UniqueViolation:  # the same key waits already: that one does the work
        await app.job_manager.finish_job(job, procrastinate_jobs.Status.ABORTED, delete_job=True)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
