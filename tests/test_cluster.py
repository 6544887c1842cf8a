"""Two web processes and two workers of each queue over the same stores, and half of them dying."""

import json
import signal
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.cluster import Cluster, Viewer, ask, running_cluster, wait_for_status, watching
from tests.factories import cut_sample, make_tone
from tests.intellibooks.serve_process import run_manage, wait_until
from transcription.audio import decode, join

PAIRS = {"live": ("work", "live"), "pipeline": ("work", "pipeline"), "watchdog": ("sweep",)}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster(
        LEASE_SECONDS="3", SWEEP_SECONDS="1", SPEECH_ENGINES="pocketsphinx"
    ) as cluster:
        for number in (1, 2):
            cluster.ports.append(cluster.start_web(f"web {number}"))
            for name, words in PAIRS.items():
                cluster.start(f"{name} {number}", *words)
        cluster.wait_until_ready()
        yield cluster


def send(ports: list[int], meeting_id: str, index: int, data: bytes) -> None:
    path = f"/api/meetings/{meeting_id}/chunk"
    form = {"files": {"audio_chunk": ("c.wav", data, "audio/wav")}, "data": {"chunk_index": index}}
    ask(ports, "POST", path, **form)


def test_nothing_is_lost_when_one_of_each_process_is_killed(cluster: Cluster) -> None:
    chunks = [make_tone(pitch=200 + 20 * number) for number in range(12)]
    chunks[5] = cut_sample(1)[0]
    first, second = cluster.ports
    meeting_id = str(ask(cluster.ports, "POST", "/api/meetings/start", json={})["session_id"])
    with watching(cluster.ports, meeting_id, 4) as viewers:
        for index, data in enumerate(chunks):
            if index == len(chunks) // 2:
                for name in ("web 1", "live 1", "pipeline 1", "watchdog 1"):
                    cluster.kill(name)
            ports = [first, second] if index % 2 else [second, first]
            send(ports, meeting_id, index, data)
            ask(ports, "POST", f"/api/sessions/{meeting_id}/messages", json={"content": str(index)})
        ask([second], "POST", f"/api/meetings/{meeting_id}/stop", json={})
        status = wait_for_status(
            [second], meeting_id, lambda status: status["status"] in {"completed", "failed"}, 30
        )
        wait_until(lambda: all(has_ended(viewer) for viewer in viewers))
    assert (status["status"], status["chunks_processed"]) == ("completed", len(chunks))
    for viewer in viewers:
        assert viewer.seqs == list(range(1, len(viewer.seqs) + 1))
        said = [frame["content"] for frame in viewer.frames if frame["type"] == "message"]
        assert said == [str(number) for number in range(len(chunks))]
    audio = httpx.get(f"http://127.0.0.1:{second}/api/meetings/{meeting_id}/audio", timeout=20)
    assert (
        decode(audio.content).samples.tolist()
        == join([decode(data) for data in chunks]).samples.tolist()
    )


def has_ended(viewer: Viewer) -> bool:
    return any(frame.get("state") == "completed" for frame in list(viewer.frames))


def test_load_is_carried_and_leaves_nothing_behind(cluster: Cluster) -> None:
    url = f"http://127.0.0.1:{cluster.ports[1]}"
    words = ("--url", url, "--meetings", "2", "--seconds", "1", "--json")
    done = run_manage("loadtest", *words, data_dir=cluster.data_dir)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["carried"] == 2
    (step,) = said["steps"]
    assert (step["meetings"], step["chunks"]) == (2, 2)
    assert 0 < step["lag_p95"] < 5
    left = ask([cluster.ports[1]], "GET", "/api/meetings")["results"]
    assert "Load test" not in {meeting["title"] for meeting in left}


@pytest.fixture
def web(cluster: Cluster) -> int:
    """A web process that this test may end."""
    port = cluster.start_web("web to drain")
    cluster.wait_until_ready_at(port)
    return port


def test_draining_web_process_sends_its_sockets_to_another(cluster: Cluster, web: int) -> None:
    room = f"session-{time.time_ns()}"
    ask([web], "POST", "/api/sessions", json={"session_id": room})
    other = cluster.ports[1]
    with watching([web, other], room, 2) as viewers:
        ask([web], "POST", f"/api/sessions/{room}/messages", json={"content": "before"})
        wait_until(lambda: all(viewer.frames for viewer in viewers))
        cluster.processes["web to drain"].terminate()
        assert cluster.processes["web to drain"].wait(10) == -signal.SIGTERM  # after it drained
        ask([other], "POST", f"/api/sessions/{room}/messages", json={"content": "after"})
        wait_until(lambda: all(len(viewer.seqs) >= 2 for viewer in viewers))
    assert viewers[0].closed == [1012]
    for viewer in viewers:
        assert [frame["content"] for frame in viewer.frames] == ["before", "after"]


def test_draining_web_process_finishes_what_it_has_begun(cluster: Cluster, web: int) -> None:
    meeting_id = str(ask([web], "POST", "/api/meetings/start", json={})["session_id"])
    body = build_form(make_tone())
    upload = socket.create_connection(("127.0.0.1", web), timeout=10)
    head = (
        f"POST /api/meetings/{meeting_id}/chunk HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    upload.sendall(head.encode() + body[:1000])
    time.sleep(0.2)
    cluster.processes["web to drain"].terminate()
    wait_until(lambda: not is_listening(web))
    upload.sendall(body[1000:])
    assert upload.recv(100).startswith(b"HTTP/1.1 200")
    assert cluster.processes["web to drain"].wait(10) == -signal.SIGTERM  # after it drained
    status = ask([cluster.ports[1]], "GET", f"/api/meetings/{meeting_id}/status")
    assert status["total_chunks"] == 1


def build_form(data: bytes) -> bytes:
    index = b'--b\r\nContent-Disposition: form-data; name="chunk_index"\r\n\r\n0\r\n'
    head = b'--b\r\nContent-Disposition: form-data; name="audio_chunk"; filename="c.wav"\r\n\r\n'
    return index + head + data + b"\r\n--b--\r\n"


def is_listening(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0
