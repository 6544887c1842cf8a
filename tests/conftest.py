"""Fixtures for every test: a real Redis, empty at the start of each."""

import os
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.conf import settings
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from xdist.scheduler import LoadFileScheduling

from intellibooks.doorbell import doorbell
from intellibooks.embedded_redis import ensure_running
from intellibooks.redis_connection import get_queue

# The first that fits counts.
SHARED_STARTS = ("tests/console/recording/", "tests/console/")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI every real component is there: a test that skips itself has not done its work."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped with CI=true: {report.longrepr}"
    return report


class KeepTogether(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """The tests of a file go to one process, and those of a folder whose service and browser are
    dear to start: else each process starts its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        found = next((folder for folder in SHARED_STARTS if nodeid.startswith(folder)), None)
        return found or str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> KeepTogether | None:
    return KeepTogether(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A client of the run's Redis: one of our own, or the one REDIS_URL names.

    The database that REDIS_URL names is emptied before every test. Give it to the tests alone.
    """
    server = ensure_running(settings.REDIS_DIR) if settings.REDIS_EMBEDDED else None
    client = Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    client.ping()
    yield client
    client.close()
    if server is not None:
        server.stop()


@pytest.fixture(autouse=True)
def _empty_redis(redis_server: Redis) -> None:
    redis_server.flushdb()


@pytest.fixture(autouse=True)
def _ring_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bells ring in the caller's thread, so that a test sees their effect when it looks."""
    monkeypatch.setattr(doorbell, "thread", None)


@pytest.fixture
def work_off(redis_server: Redis) -> Callable[[], None]:
    """Lets real workers do everything that is queued, as they would in their own process."""

    def run() -> None:
        queues = [get_queue("live"), get_queue("pipeline")]
        worker = SimpleWorker(queues, connection=redis_server, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="ERROR")

    return run
