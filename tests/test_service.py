"""The service as its users meet it: real processes, real HTTP, real WebSocket, real speech."""

import http.client
import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.factories import cut_sample, make_silence, read_reference
from tests.intellibooks.serve_process import ServeProcess, run_manage, wait_until
from tests.live_service import Recorder, own_stores
from transcription.scoring import wer


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with own_stores() as env, ServeProcess(**env) as serve:
        yield Recorder(serve.wait_until_ready())


def open_socket(recorder: Recorder, meeting_id: str) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{recorder.serve.port}/ws/chat/{meeting_id}")


def read_until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=30))
        if frame["type"] == kind:
            return frame


def test_words_appear_while_recording_and_results_after_it(recorder: Recorder) -> None:
    meeting_id = recorder.start()
    with open_socket(recorder, meeting_id) as socket:
        for index, data in enumerate(cut_sample(2)):
            recorder.send(meeting_id, index, data)
            frame = read_until(socket, "transcript_update")
            assert frame["metadata"]["chunks_processed"] == index + 1
        assert "good morning" in frame["content"]
        recorder.stop(meeting_id)
        assert read_until(socket, "system")["event"] == "meeting_stopped"
    recorder.wait_completed(meeting_id)
    metadata = recorder.read(meeting_id, "metadata")
    assert metadata["word_count"] > 30
    assert metadata["keywords"]


def test_live_worker_killed_in_the_middle_comes_back(recorder: Recorder) -> None:
    meeting_id = recorder.start()
    for index, data in enumerate(cut_sample(5)):
        recorder.send(meeting_id, index, data)
    worker = recorder.serve.find("manage.py", "live")
    assert worker is not None
    worker.kill()
    recorder.stop(meeting_id)
    recorder.wait_completed(meeting_id, 90)
    text = recorder.read(meeting_id, "transcript")["transcript"]
    end = 5 * 10.24
    said = [one["text"] for one in read_reference()["utterances"] if one["end"] < end]
    assert wer(" ".join(said), text).rate < 0.25


def test_a_client_that_vanishes_leaves_a_completed_meeting() -> None:
    with own_stores() as env, ServeProcess(**env, ABRUPT_END_SECONDS="2") as serve:
        recorder = Recorder(serve.wait_until_ready())
        meeting_id = recorder.start()
        recorder.send(meeting_id, 0, make_silence())
        recorder.wait_completed(meeting_id)
        assert recorder.read(meeting_id, "")["ended_abruptly"]
        assert recorder.send(meeting_id, 1, make_silence(2.0))["resumed"]
        assert recorder.read(meeting_id)["status"] == "recording"


def test_uploads_go_on_while_redis_is_down() -> None:
    with ServeProcess() as serve:
        recorder = Recorder(serve.wait_until_ready())
        meeting_id = recorder.start()
        redis = serve.find("redis.sock")
        assert redis is not None
        redis.suspend()
        try:
            answer = recorder.send(meeting_id, 0, cut_sample(1)[0])
        finally:
            redis.resume()
        assert answer["queued"]
        redis.kill()
        recorder.send(meeting_id, 1, cut_sample(1, first=1)[0])
        wait_until(lambda: serve.find("redis.sock") not in {None, redis})
        recorder.stop(meeting_id)
        recorder.wait_completed(meeting_id, 60)
        assert len(recorder.read(meeting_id, "transcript")["transcript"]) > 100
        with sqlite3.connect(serve.data_dir / "intellibooks.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM meetings_segment").fetchone()[0] > 2


def test_chat_goes_on_while_redis_is_down_and_after_it() -> None:
    with ServeProcess() as serve:
        room = Recorder(serve.wait_until_ready())
        meeting_id = room.start()
        with open_socket(room, meeting_id) as alice:
            redis = serve.find("redis.sock")
            assert redis is not None
            redis.kill()
            with open_socket(room, meeting_id) as bob:
                assert read_until(bob, "system")["event"] == "connected"
                wait_until(lambda: serve.find("redis.sock") not in {None, redis})
                deadline = time.monotonic() + 15
                while True:  # both are back in the room as soon as Redis is
                    bob.send(json.dumps({"content": "hello again"}))
                    try:
                        frame = json.loads(alice.recv(timeout=1))
                    except TimeoutError:
                        assert time.monotonic() < deadline, "the room did not come back"
                        continue
                    if frame["type"] == "message":
                        break
                assert frame["content"] == "hello again"


def test_oversized_upload_is_refused_at_its_header(recorder: Recorder) -> None:
    path = f"/api/meetings/{recorder.start()}/chunk"
    client = http.client.HTTPConnection("127.0.0.1", recorder.serve.port, timeout=10)
    client.putrequest("POST", path)
    client.putheader("Content-Length", "500000000")
    client.endheaders()  # and not a byte of the body
    answer = client.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too_large")
    client.close()


def test_demo_plays_the_sample_and_compares_it_with_the_reference(recorder: Recorder) -> None:
    url = f"http://127.0.0.1:{recorder.serve.port}"
    done = run_manage(
        "demo", "--url", url, "--speed", "0", data_dir=recorder.serve.data_dir, seconds=150
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WER" in done.stdout
