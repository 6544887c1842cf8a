"""Fixtures for every test: a real Redis, empty at the start of each."""

import os
from collections.abc import Callable, Generator, Iterator

import pytest
from django.conf import settings
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from intellibooks.doorbell import doorbell
from intellibooks.embedded_redis import ensure_running
from intellibooks.redis_connection import get_queue


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI every real component is there: a test that skips itself has not done its work."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped with CI=true: {report.longrepr}"
    return report


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
