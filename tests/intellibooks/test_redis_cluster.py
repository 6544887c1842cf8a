"""The service on a real Redis Cluster: two web processes and a live worker."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from django_rq.connection_utils import get_redis_connection
from pytest_django import Settings
from redis.exceptions import RedisError
from websockets.sync.client import connect

from intellibooks import redis_connection
from intellibooks.redis_cluster import QUEUE_PREFIX, build_queue_pool
from intellibooks.serving import ServeError, check_redis
from tests.cluster import Cluster, ask, running_cluster, wait_for_status
from tests.factories import make_tone
from tests.intellibooks.redis_nodes import (
    PASSWORD,
    SLOTS,
    Node,
    name_nodes,
    starting_nodes,
    wait_for_cluster,
)
from tests.intellibooks.serve_process import run_manage, wait_until

URL = f"redis://:{PASSWORD.replace(' ', '%20')}@nowhere:1/0"
STARTS = 5
PROMPT_SECONDS = 15.0  # the event log is looked at after a minute, see STREAM_CHECK_SECONDS


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with starting_nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        yield nodes


def describe_stores(nodes: list[Node]) -> dict[str, str]:
    return {"REDIS_URL": URL, "REDIS_CLUSTER_NODES": name_nodes(nodes[:2])}


@pytest.fixture(scope="module")
def service(nodes: list[Node]) -> Iterator[Cluster]:
    env = {"LIMIT_STARTS": f"{STARTS}/h", "STREAM_CHECK_SECONDS": "60"}
    with running_cluster(**env, **describe_stores(nodes), SPEECH_ENGINES="pocketsphinx") as service:
        service.ports += [service.start_web("web 1"), service.start_web("web 2")]
        service.start("live", "work", "live")
        wait_for_cluster(nodes)
        for port in service.ports:
            wait_until(lambda port=port: is_live(port))  # type: ignore[misc]
        yield service


def is_live(port: int) -> bool:
    try:
        parts = httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=5).json()["parts"]
    except httpx.TransportError:
        return False
    return bool(parts["redis"] == "ok" and "live" not in parts["workers"])


def send_chunk(port: int, meeting_id: str, index: int) -> None:
    files = {"audio_chunk": ("c.wav", make_tone(), "audio/wav")}
    form: dict[str, Any] = {"files": files, "data": {"chunk_index": index}}
    ask([port], "POST", f"/api/meetings/{meeting_id}/chunk", **form)


def connect_to(port: int, meeting_id: str) -> Any:
    return connect(f"ws://127.0.0.1:{port}/ws/chat/{meeting_id}", open_timeout=5)


def wait_for_frame(socket: Any, wanted: str, **fields: Any) -> dict[str, Any]:
    """The next frame of that type with these fields; at once, or the test fails."""
    deadline = time.monotonic() + PROMPT_SECONDS
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=deadline - time.monotonic()))
        if frame["type"] == wanted and fields.items() <= frame.items():
            return frame


@pytest.fixture(scope="module")
def meeting_id(service: Cluster) -> str:
    return str(ask(service.ports, "POST", "/api/meetings/start", json={})["session_id"])


def test_a_meeting_is_recorded_heard_and_followed_through_two_processes(
    service: Cluster, meeting_id: str
) -> None:
    first, second = service.ports
    with connect_to(first, meeting_id) as here, connect_to(second, meeting_id) as there:
        for viewer in (here, there):
            wait_for_frame(viewer, "presence", count=2)  # Redis knows who is at the other process
        for number, port in enumerate(service.ports):
            send_chunk(port, meeting_id, number)
            for viewer in (here, there):  # queued, heard by the worker and published by it
                wait_for_frame(viewer, "chunk", chunk_index=number, state="silent")
        here.send(json.dumps({"type": "typing", "is_typing": True}))
        wait_for_frame(there, "typing")  # told by hub to hub, and in no log
        there.send(json.dumps({"type": "message", "content": "heard"}))
        wait_for_frame(here, "message", content="heard")
    status = ask([first], "GET", f"/api/meetings/{meeting_id}/status")
    assert (status["status"], status["chunks_processed"]) == ("recording", 2)


def test_limits_count_for_all_processes_together(service: Cluster) -> None:
    answers = [
        httpx.post(f"http://127.0.0.1:{port}/api/meetings/start", json={}).status_code
        for port in service.ports * STARTS
    ]
    assert 429 in answers
    assert answers.count(200) <= STARTS


def test_figures_are_read_from_wherever_they_lie(service: Cluster) -> None:
    shown = httpx.get(f"http://127.0.0.1:{service.ports[0]}/metrics").text
    assert 'studio_workers{queue="live"} 1.0' in shown
    assert "studio_audio_seconds_total" in shown


def test_all_keys_of_the_queues_lie_in_one_slot(nodes: list[Node]) -> None:
    keys = [list(node.connect().scan_iter()) for node in nodes]
    assert sum(any(key.startswith(b"{rq}:") for key in found) for found in keys) == 1
    assert not any(key.startswith(b"rq:") for found in keys for key in found)


def move_queues(nodes: list[Node]) -> None:
    """To the next server, as an operator who makes room on one."""
    slot = int(nodes[0].ask("CLUSTER", "KEYSLOT", QUEUE_PREFIX))  # type: ignore[call-overload]
    number = next(at for at, (first, last) in enumerate(SLOTS) if first <= slot <= last)
    source, target = nodes[number], nodes[(number + 1) % len(nodes)]
    names = {node: node.ask("CLUSTER", "MYID").decode() for node in nodes}  # type: ignore[attr-defined]
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
    while keys := cast(list[bytes], source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)):
        where = ("127.0.0.1", target.port, "", 0, 1000, "AUTH", PASSWORD, "KEYS")
        source.ask("MIGRATE", *where, *(key.decode() for key in keys))
    for node in (target, source, *nodes):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", names[target])


def test_workers_follow_when_the_queues_move_to_another_server(
    service: Cluster, nodes: list[Node], meeting_id: str
) -> None:
    move_queues(nodes)
    stored = ask(service.ports, "GET", f"/api/meetings/{meeting_id}/status")["total_chunks"]
    send_chunk(service.ports[0], meeting_id, stored)
    wait_for_status(service.ports, meeting_id, lambda now: now["chunks_processed"] > stored, 20)


def test_the_admins_queue_pages_ask_the_server_that_has_the_queues(nodes: list[Node]) -> None:
    addresses = [("127.0.0.1", node.port) for node in nodes]
    pool = build_queue_pool(addresses, password=PASSWORD)
    config = {"HOST": "", "PORT": 0, "REDIS_CLIENT_KWARGS": {"connection_pool": pool}}
    assert get_redis_connection(config).exists(f"{QUEUE_PREFIX}:queues")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("REDIS_URL", "redis://one/3", "no other"), ("REDIS_SENTINELS", "one:26379", "or has")],
)
def test_what_does_not_go_with_a_cluster_stops_the_start(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    env: dict[str, Any] = {"REDIS_CLUSTER_NODES": "one:6379", name: value}
    done = run_manage("check", data_dir=tmp_path, **env)
    assert name in done.stderr
    assert reason in done.stderr


def test_a_node_that_is_taken_for_a_whole_redis_stops_the_start(
    nodes: list[Node], settings: Settings
) -> None:
    settings.REDIS_URL = f"redis://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{nodes[0].port}/0"
    with pytest.raises(ServeError, match="Set REDIS_CLUSTER_NODES"):
        check_redis(settings.REDIS_URL)


@pytest.fixture
def _in_cluster(nodes: list[Node], settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = URL
    settings.REDIS_CLUSTER_NODES = [("127.0.0.1", node.port) for node in nodes]
    redis_connection.get_redis.cache_clear()
    yield
    redis_connection.get_redis.cache_clear()


@pytest.mark.usefixtures("_in_cluster")
def test_queues_without_their_hash_tag_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="RQ_KEY_PREFIX"):
        redis_connection.connect_queue()  # this process has imported rq with its own prefix


@pytest.mark.usefixtures("_in_cluster")
async def test_an_outage_of_the_cluster_is_one_like_any_other_and_costs_no_upload(
    service: Cluster, nodes: list[Node], meeting_id: str
) -> None:
    client, heard = redis_connection.get_redis(), redis_connection.aconnect(socket_timeout=1)
    assert (client.set("key", "value"), await heard.get("key")) == (True, b"value")
    for node in nodes:
        node.process.kill()
        node.process.wait()
    with pytest.raises(RedisError):
        client.get("key")
    for is_transaction in (True, False):
        pipe = client.pipeline(transaction=is_transaction)
        pipe.set("key", "value")
        with pytest.raises(RedisError):
            pipe.execute()
    with pytest.raises(RedisError):
        await heard.get("key")
    with pytest.raises(RedisError):
        redis_connection.connect()
    with pytest.raises(ServeError, match="Start the cluster"):
        check_redis(URL)
    send_chunk(service.ports[0], meeting_id, 9)  # answers 200
    await heard.aclose()
