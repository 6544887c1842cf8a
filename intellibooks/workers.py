"""The workers of the two queues, made to survive a Redis that comes and goes.

``live`` runs its jobs in the worker's own process, where a speech engine stays loaded.
``pipeline`` forks for every job, so a job can be killed and its memory is given back.
A job that is lost on the way is found again by the sweeper, from its row in the database.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.db import close_old_connections, connections
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker, worker_registration
from rq.exceptions import DeserializationError, InvalidJobOperation
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker, WorkerStatus

from intellibooks import tracing
from intellibooks.processes import die_with_parent, kill_processes, list_descendants
from intellibooks.redis_connection import connect_queue
from intellibooks.supervisor import STOP_SIGNALS, handling_signals

logger = logging.getLogger(__name__)

QUEUE_NAMES = ("live", "pipeline")
# RQ's own 420 would hide a dead worker for seven minutes; an idle one is heard of every 10 s.
WORKER_TTL_SECONDS = 25
MAINTENANCE_SECONDS = 60
LONGEST_WAIT_SECONDS = 2.0
QUIET_SECONDS = 10.0  # between two log lines about the same outage
# A running job may end within this time after SIGTERM; `serve` kills half a second later.
LEAVE_SECONDS = 2.5
REDIS_TROUBLE = (RedisConnectionError, RedisTimeoutError)
# Makes what forks share: called in the worker itself, before each of them.
Prepare = Callable[[], None]


class OutageFilter(logging.Filter):
    """Turns RQ's words and tracebacks about a lost Redis into one line per QUIET_SECONDS."""

    spoke_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_outage = isinstance(error, REDIS_TROUBLE) or "Redis" in str(record.msg)
        if not is_outage:
            return True
        if time.monotonic() - self.spoke_at < QUIET_SECONDS:
            return False
        self.spoke_at = time.monotonic()
        record.msg, record.args = "Redis does not answer; trying again until it does", None
        record.exc_info = record.exc_text = None
        return True


OUTAGE_FILTER = OutageFilter()


class SteadyWorker(BaseWorker):
    """What both workers share: quick retries, and a stop that does not wait for a long job."""

    max_connection_wait_time = LONGEST_WAIT_SECONDS
    is_leaving = False
    prepare: Prepare = staticmethod(lambda: None)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ registers a worker at its birth alone; a Redis that was emptied has forgotten us."""
        super().heartbeat(timeout, pipeline)
        worker_registration.register(self, pipeline)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        if not settings.TRACING:
            return super().perform_job(job, queue, execution)
        name, facts = describe_job(job)
        with tracing.working(name, job.meta, **facts) as span:
            is_done = super().perform_job(job, queue, execution)
            if not is_done:
                tracing.fail(span, "JobFailed")
        return is_done

    def handle_job_success(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry,
        execution: Execution,
    ) -> None:
        """A job that is rung again while it runs may run twice; the first to end removes it."""
        try:
            super().handle_job_success(job, queue, started_job_registry, execution)
        except InvalidJobOperation:
            with self.connection.pipeline() as pipe:
                self.cleanup_execution(job, pipe, execution)
                pipe.execute()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        if self.is_leaving:
            return
        self.is_leaving = True
        if self.get_state() == WorkerStatus.BUSY:
            self._stop_requested = True
            start_leaving()
            return
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's

    def _install_signal_handlers(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self.request_stop)

    def _pubsub_exception_handler(
        self, exc: Exception, pubsub: object, pubsub_thread: object
    ) -> None:
        if not isinstance(exc, REDIS_TROUBLE):
            raise exc
        if not self.is_leaving:
            self.log.error("Redis does not answer")
            time.sleep(LONGEST_WAIT_SECONDS)


def describe_job(job: Job) -> tuple[str, dict[str, str]]:
    """Its name in a trace, and the meeting it is about."""
    try:
        path, arguments = job.func_name or "", job.args
    except DeserializationError:
        return "job", {}
    facts = {"meeting_id": str(arguments[0])} if path.startswith("meetings.") and arguments else {}
    return f"job {path.rpartition('.')[2]}", facts


class ResidentWorker(SteadyWorker, SimpleWorker):
    """Runs jobs in this process."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        close_old_connections()
        try:
            return super().perform_job(job, queue, execution)
        finally:
            close_old_connections()


class DrainingWorker(ResidentWorker):
    """Runs what waits and returns, inside a process that has its own mind about signals."""

    def _install_signal_handlers(self) -> None:
        pass

    def subscribe(self) -> None:
        pass


class ForkingWorker(SteadyWorker, Worker):
    """Forks for every job; the fork dies with the worker."""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        self.prepare()
        release_database()  # two processes must not share a connection
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent()
        if os.getppid() != self.pid:  # the worker died before the kernel was asked
            os._exit(1)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        try:
            return super().perform_job(job, queue, execution)
        finally:
            tracing.flush()


WORKER_CLASSES: dict[str, type[SteadyWorker]] = {"live": ResidentWorker, "pipeline": ForkingWorker}


def run_worker(name: str, *, burst: bool = False, prepare: Prepare | None = None) -> None:
    """Work on a queue until a stop signal; with burst, until the queue is empty.

    A worker that forks calls ``prepare`` before each fork. A Redis that is away is waited for.
    Use it from the main thread.
    """
    with handling_signals(leave_idle):
        while not work_once(WORKER_CLASSES[name], name, burst=burst, prepare=prepare):
            time.sleep(LONGEST_WAIT_SECONDS / 4)


def drain_queue(name: str) -> None:
    """Run every waiting job of a queue in this process, one after the other."""
    build_worker(DrainingWorker, name).work(burst=True)


def work_once(
    worker_class: type[SteadyWorker], name: str, *, burst: bool, prepare: Prepare | None = None
) -> bool:
    """Whether the worker ended because it was told to, and not because it lost Redis."""
    worker: SteadyWorker | None = None
    with handling_signals(leave_idle):  # RQ sets its own and leaves them behind
        try:
            worker = build_worker(worker_class, name)
            if prepare is not None:
                worker.prepare = prepare
            worker.work(burst=burst)
        except REDIS_TROUBLE as error:
            logging.getLogger("rq.worker").error("Redis: %s", error)
            return worker is not None and worker.is_leaving
    return burst or worker.is_leaving


def leave_idle(_signal: int, _frame: FrameType | None) -> None:
    """The answer to a stop signal while no worker listens: Redis is away."""
    raise SystemExit(0)


def start_leaving() -> None:
    """Leave for good after LEAVE_SECONDS, whatever the job does: its lease heals it."""
    timer = threading.Timer(LEAVE_SECONDS, leave_now)
    timer.daemon = True
    timer.start()


def leave_now() -> None:
    kill_processes(list_descendants())
    sys.stderr.flush()
    os._exit(0)


def release_database() -> None:
    """Close every connection of this process, those in a pool too."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def connect_worker() -> Redis:
    """A client that may block as long as RQ's blocking pop does."""
    return connect_queue(
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
    )


def build_worker(worker_class: type[SteadyWorker], name: str) -> SteadyWorker:
    for rq_logger in (logging.getLogger("rq.worker"), logging.getLogger("rq.job")):
        rq_logger.setLevel(logging.WARNING)  # RQ sets INFO when it is imported
        rq_logger.addFilter(OUTAGE_FILTER)
    return worker_class(
        [name],
        connection=connect_worker(),
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
