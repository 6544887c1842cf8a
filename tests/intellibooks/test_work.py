"""Workers run the queues, outlive a Redis that goes away, and leave when told."""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connection
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from intellibooks.embedded_redis import embedded_redis_url, ensure_running
from intellibooks.workers import drain_queue, release_database, run_worker
from tests.intellibooks import work_jobs
from tests.intellibooks.serve_process import ROOT, build_env, is_alive, run_manage, wait_until
from tests.timing import check_seconds


def enqueue(redis: Redis, name: str, function: Callable[..., object], *args: object) -> Job:
    return Queue(name, connection=redis, serializer=JSONSerializer).enqueue(function, *args)


def run_burst() -> subprocess.CompletedProcess[str]:
    data_dir = Path(settings.DATA_DIR)
    return run_manage("work", "--burst", data_dir=data_dir, REDIS_URL=settings.REDIS_URL)


class WorkProcess:
    """`manage.py work` in a process of its own; its words are in ``log``."""

    def __init__(self, *words: str, log: Path, url: str) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "manage.py", "work", *words],
                cwd=ROOT,
                env=build_env(Path(settings.DATA_DIR), REDIS_URL=url),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(15) == 0
        return time.monotonic() - started


@contextlib.contextmanager
def working(*words: str, url: str = settings.REDIS_URL) -> Iterator[WorkProcess]:
    with tempfile.TemporaryDirectory(prefix="ib-work-") as folder:
        work = WorkProcess(*words, log=Path(folder) / "log", url=url)
        try:
            yield work
        finally:
            if work.process.poll() is None:
                work.process.kill()
                work.process.wait()


def start_long_job(redis: Redis, name: str, folder: Path) -> psutil.Process:
    """The process that runs a job of one minute."""
    path = folder / "pid"
    enqueue(redis, name, work_jobs.write_pid_and_sleep, str(path), 60)
    wait_until(lambda: path.exists() and path.read_text())
    return psutil.Process(int(path.read_text()))


def test_burst_empties_both_queues_and_ends(redis_server: Redis) -> None:
    jobs = [enqueue(redis_server, name, work_jobs.tell_pid) for name in ("live", "pipeline")]
    done = run_burst()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    live, pipeline = (job.return_value() for job in jobs)
    assert live != pipeline


def test_live_jobs_share_a_process_and_pipeline_jobs_do_not(redis_server: Redis) -> None:
    jobs = [enqueue(redis_server, name, work_jobs.tell_pid) for name in ("live", "pipeline") * 2]
    run_burst()
    first_live, first_pipeline, second_live, second_pipeline = (j.return_value() for j in jobs)
    assert first_live == second_live
    assert first_pipeline != second_pipeline


def test_job_that_another_worker_finished_meanwhile_is_no_failure(redis_server: Redis) -> None:
    queues = [
        Queue(name, connection=redis_server, serializer=JSONSerializer)
        for name in ("live", "pipeline")
    ]
    for queue in queues:
        queue.enqueue(work_jobs.remove_own_job, result_ttl=0)
    done = run_burst()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for queue in queues:
        assert not queue.started_job_registry.get_job_ids(cleanup=False)
        assert not queue.failed_job_registry.get_job_ids()


def test_drained_queue_ran_in_this_process(redis_server: Redis) -> None:
    before = signal.getsignal(signal.SIGTERM)
    job = enqueue(redis_server, "pipeline", work_jobs.tell_pid)
    drain_queue("pipeline")
    assert job.return_value() == psutil.Process().pid
    assert signal.getsignal(signal.SIGTERM) is before


def test_forks_share_what_was_prepared_in_their_worker(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_jobs, "PREPARED", [])
    jobs = [enqueue(redis_server, "pipeline", work_jobs.tell_prepared) for _ in range(2)]
    pid = psutil.Process().pid
    run_worker("pipeline", burst=True, prepare=lambda: work_jobs.PREPARED.append(pid))
    assert [job.return_value() for job in jobs] == [[pid], [pid, pid]]


@pytest.mark.parametrize("name", ["live", "pipeline"])
def test_idle_worker_leaves_at_once(redis_server: Redis, name: str) -> None:
    with working(name) as work:
        wait_until(lambda: redis_server.smembers("rq:workers"))
        time.sleep(0.3)
        check_seconds(work.stop(), 4)
        assert work.log.read_text() == ""
        assert not redis_server.smembers("rq:workers")


@pytest.mark.parametrize("name", ["live", "pipeline"])
def test_busy_worker_leaves_within_seconds(redis_server: Redis, tmp_path: Path, name: str) -> None:
    with working(name) as work:
        runner = start_long_job(redis_server, name, tmp_path)
        check_seconds(work.stop(), 4)
        assert not is_alive(runner)
        assert "Traceback" not in work.log.read_text()


def test_short_job_is_finished_before_leaving(redis_server: Redis, tmp_path: Path) -> None:
    with working("live") as work:
        job = enqueue(redis_server, "live", work_jobs.write_pid_and_sleep, str(tmp_path / "p"), 1)
        wait_until((tmp_path / "p").exists)
        work.stop()
    assert job.get_status() == "finished"


def test_fork_dies_with_a_killed_worker(redis_server: Redis, tmp_path: Path) -> None:
    with working("pipeline") as work:
        fork = start_long_job(redis_server, "pipeline", tmp_path)
        assert fork.pid != work.process.pid
        work.process.kill()
        wait_until(lambda: not is_alive(fork), 3)


def test_worker_waits_for_redis_and_outlives_its_restart() -> None:
    with tempfile.TemporaryDirectory(prefix="ib-redis-") as name:
        folder = Path(name)
        with working("live", url=embedded_redis_url(folder)) as work:
            wait_until(lambda: "Redis does not answer" in work.log.read_text())
            for turn in ("first", "second"):
                server = ensure_running(folder)
                client = Redis.from_url(server.url)
                enqueue(client, "live", work_jobs.write, str(folder / turn), turn)
                wait_until((folder / turn).exists)
                server.stop()
            time.sleep(2)
            assert work.process.poll() is None
            assert work.log.read_text().count("\n") <= 3
            check_seconds(work.stop(), 4)
            assert "Traceback" not in work.log.read_text()


def test_work_alone_runs_both_workers_politely(redis_server: Redis) -> None:
    with working() as work:
        wait_until(lambda: len(redis_server.smembers("rq:workers")) == 2)
        family = psutil.Process(work.process.pid).children(recursive=True)
        assert sorted(process.nice() for process in family) == [5, 10]
        work.stop()
        assert not [process for process in family if is_alive(process)]


@pytest.mark.django_db(transaction=True)
def test_connections_are_closed_before_a_fork() -> None:
    connection.ensure_connection()
    release_database()
    assert connection.connection is None
