"""A real sentinel watches a real master and its replica; the master is killed."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_django import Settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from intellibooks import env, redis_connection
from intellibooks.embedded_redis import find_server
from intellibooks.processes import start_process
from intellibooks.workers import connect_worker
from tests.intellibooks.serve_process import find_free_port, run_manage, wait_until

MASTER = "studio"
PASSWORD = "a secret"
SENTINEL = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {master} 127.0.0.1 {watched} 1
sentinel auth-pass {master} "{password}"
sentinel down-after-milliseconds {master} 500
sentinel failover-timeout {master} 2000
"""


class Servers(NamedTuple):
    master: subprocess.Popen[bytes]
    master_port: int
    replica_port: int
    sentinel_port: int


def start_server(folder: Path, port: int, *words: str) -> subprocess.Popen[bytes]:
    fixed = ("--bind", "127.0.0.1", "--dir", folder, "--save", "", "--requirepass", PASSWORD)
    command = [find_server(), "--port", port, *fixed, "--masterauth", PASSWORD, *words]
    command += ["--repl-diskless-sync-delay", "0"]
    return start_process([str(word) for word in command], output=subprocess.DEVNULL)


def start_sentinel(folder: Path, port: int, watched: int) -> subprocess.Popen[bytes]:
    path = folder / "sentinel.conf"
    path.write_text(
        SENTINEL.format(port=port, folder=folder, master=MASTER, watched=watched, password=PASSWORD)
    )
    return start_process([find_server(), path, "--sentinel"], output=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    tmp_path = tmp_path_factory.mktemp("sentinel")
    ports = [find_free_port() for _ in range(3)]
    master = start_server(tmp_path, ports[0])
    replica = start_server(tmp_path, ports[1], "--replicaof", f"127.0.0.1 {ports[0]}")
    processes = [replica, master]
    try:
        wait_until(lambda: is_in_step(ports[1]), 20)  # a sentinel looks again after 10 s only
        processes.append(start_sentinel(tmp_path, ports[2], ports[0]))
        wait_until(lambda: knows_replica(ports[2]), 20)
        yield Servers(master, *ports)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def is_in_step(port: int) -> bool:
    try:
        with Redis(port=port, password=PASSWORD) as client:
            return bool(client.info("replication")["master_link_status"] == "up")
    except RedisError:
        return False


def knows_replica(port: int) -> bool:
    try:
        with Redis(port=port) as client:
            (found,) = client.sentinel_slaves(MASTER)
            return bool(found["master-link-status"] == "ok")
    except (RedisError, ValueError):
        return False


@pytest.fixture
def _watched(servers: Servers, settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = f"redis://:{PASSWORD.replace(' ', '%20')}@nowhere:1/3"
    settings.REDIS_SENTINELS = [
        ("127.0.0.1", find_free_port()),
        ("127.0.0.1", servers.sentinel_port),
    ]
    settings.REDIS_SENTINEL_MASTER = MASTER
    redis_connection.get_redis.cache_clear()
    yield
    redis_connection.get_redis.cache_clear()


def can_write() -> bool:
    try:
        return bool(redis_connection.get_redis().set("key", "value"))
    except RedisError:
        return False


@pytest.mark.usefixtures("_watched")
def test_another_url_is_not_led_to_the_sentinels(servers: Servers) -> None:
    url = f"redis://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{servers.replica_port}/0"
    assert redis_connection.connect(url).info("replication")["role"] == "slave"


@pytest.mark.usefixtures("_watched")
async def test_every_client_follows_the_master(servers: Servers) -> None:
    client = redis_connection.get_redis()
    assert client.set("key", "value")
    with Redis(port=servers.master_port, password=PASSWORD, db=3) as master:
        assert master.get("key") == b"value"
    heard = redis_connection.aconnect(socket_timeout=2)
    assert await heard.get("key") == b"value"
    servers.master.kill()
    wait_until(can_write, 15)
    with Redis(port=servers.replica_port, password=PASSWORD, db=3) as promoted:
        assert promoted.get("key") == b"value"
    with suppress(RedisConnectionError):  # it learns that its old connection is gone
        await heard.get("key")
    assert await heard.get("key") == b"value"
    assert connect_worker().get("key") == b"value"
    await heard.aclose()


@pytest.mark.parametrize("value", ["one:0", "one:26379,two"])
def test_sentinel_without_a_port_stops_the_start(tmp_path: Path, value: str) -> None:
    done = run_manage("check", data_dir=tmp_path, REDIS_SENTINELS=value)
    assert "REDIS_SENTINELS" in done.stderr


def test_sentinels_are_pairs_of_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_SENTINELS", "one:26379, [::1]:26380")
    assert env.addresses("REDIS_SENTINELS") == [("one", 26379), ("::1", 26380)]
