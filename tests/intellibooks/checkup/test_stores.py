import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from redis import Redis
from rq.utils import utcformat

from intellibooks.checkup import stores
from intellibooks.checkup.base import State
from intellibooks.redis_connection import get_queue
from intellibooks.workers import ResidentWorker, build_worker

pytestmark = pytest.mark.django_db
SECRET = "pa55word"
DEAD_REDIS = f"redis://someone:{SECRET}@127.0.0.1:1/0"


@pytest.fixture
def _listening(redis_server: Redis) -> Any:
    workers = [build_worker(ResidentWorker, name) for name in ("live", "pipeline")]
    for worker in workers:
        worker.register_birth()  # type: ignore[no-untyped-call]  # RQ's
    yield
    for worker in workers:
        worker.register_death()  # type: ignore[no-untyped-call]  # RQ's


@pytest.fixture
def _foreign_redis(settings: Any) -> None:
    settings.REDIS_URL, settings.REDIS_EMBEDDED = DEAD_REDIS, False


def test_stores_of_a_healthy_service_work() -> None:
    for check in (stores.check_database, stores.check_migrations, stores.check_redis):
        assert check().state == State.OK


def test_migration_that_is_not_applied_is_named() -> None:
    row = MigrationRecorder.Migration.objects.filter(app="chat").latest("pk")
    row.delete()
    finding = stores.check_migrations()
    assert (finding.state, finding.fix) == (State.FAILED, "python manage.py migrate")
    assert finding.error == f"1 not applied: chat.{row.name}"


def test_empty_database_waits_for_the_first_start() -> None:
    MigrationRecorder.Migration.objects.all().delete()
    assert stores.check_migrations().state == State.OFF


@pytest.mark.usefixtures("_foreign_redis")
def test_dead_redis_is_named_without_its_password() -> None:
    finding = stores.check_redis()
    assert (finding.state, finding.found) == (State.FAILED, "127.0.0.1:1/0")
    assert SECRET not in str(finding)
    assert "REDIS_URL= python manage.py serve" in finding.fix


def test_own_redis_that_does_not_run_is_no_failure(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.REDIS_EMBEDDED = f"unix://{tmp_path}/none.sock", True
    finding = stores.check_redis()
    assert (finding.state, finding.fix) == (State.OFF, "python manage.py serve")
    assert stores.check_workers().state == State.OFF


@pytest.mark.usefixtures("_foreign_redis")
def test_workers_are_unknown_while_redis_is_away() -> None:
    assert stores.check_workers().error == "unknown while Redis does not answer"


def test_folder_that_cannot_be_written_is_found(settings: Any) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": "/proc/intellibooks"}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    finding = stores.check_media()
    assert finding.state == State.FAILED
    assert finding.error.startswith("cannot be written: ")
    assert finding.fix == "ls -ld /proc/intellibooks; df -h /proc"


def test_media_leaves_nothing_behind(settings: Any, tmp_path: Path) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    assert stores.check_media().state == State.OK
    assert list(tmp_path.iterdir()) == []


def test_missing_data_folder_is_found(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    finding = stores.check_disk()
    assert (finding.state, finding.fix) == (State.FAILED, f"mkdir -p {tmp_path}/gone")


@pytest.mark.parametrize(("free", "state"), [(10**8, State.FAILED), (2 * 10**9, State.WARNING)])
def test_disk_that_fills_up_is_told(
    free: int, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage("/"))(10**12, 10**12 - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert stores.check_disk().state == state


def test_queue_without_a_worker_fails() -> None:
    finding = stores.check_workers()
    assert finding.error == "no worker listens to live and pipeline"
    assert finding.fix == "python manage.py work live"


@pytest.mark.usefixtures("_listening")
def test_workers_that_listen_are_counted() -> None:
    finding = stores.check_workers()
    assert finding.state == State.OK
    assert finding.found.startswith("live: 1 alive, 0 waiting, oldest 0 s; pipeline: 1 alive")


@pytest.mark.usefixtures("_listening")
def test_worker_that_was_killed_is_not_counted_while_redis_remembers_it(
    redis_server: Redis,
) -> None:
    (worker,) = ResidentWorker.all(queue=get_queue("live"))
    long_ago = utcformat(datetime.now(UTC) - timedelta(minutes=1))
    for field, value in (("state", "idle"), ("last_heartbeat", long_ago)):
        redis_server.hset(worker.key, field, value)
    assert stores.check_workers().error == "no worker listens to live"
    redis_server.hset(worker.key, "state", "busy")  # in the middle of a job it says nothing
    assert stores.check_workers().state == State.OK


@pytest.mark.usefixtures("_listening")
def test_job_that_waits_too_long_is_a_warning() -> None:
    job = get_queue("live").enqueue("time.sleep", 0)
    job.enqueued_at = datetime.now(UTC) - timedelta(seconds=100)
    job.save()
    finding = stores.check_workers()
    assert (finding.state, finding.error) == (State.WARNING, "live jobs wait too long")
    assert "1 waiting, oldest 100 s" in finding.found
