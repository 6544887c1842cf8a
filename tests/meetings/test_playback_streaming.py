"""Playing over a real connection: what it costs in memory, files and database connections."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest
import uvicorn
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.test import Client

from meetings.models import Meeting
from meetings.playback import PIECE_BYTES
from tests.meetings.test_playback import SOUND, make_recording

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return make_recording()


def list_open(meeting: Meeting) -> list[str]:
    opened = (file.path for file in psutil.Process().open_files())
    return [path for path in opened if path.endswith(meeting.recording_name)]


@contextmanager
def serving() -> Iterator[str]:
    """Django behind a real uvicorn in a thread of this process; its address."""
    config = uvicorn.Config(ASGIHandler(), port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_pieces_are_small_and_the_database_is_free_meanwhile(
    client: Client, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # as with Postgres
    answer: Any = client.get(f"/api/meetings/{meeting.pk}/audio")
    assert len(next(iter(answer.streaming_content))) == PIECE_BYTES
    assert connection.connection is None
    answer.close()
    assert list_open(meeting) == []


def test_100_mb_pass_through_uvicorn_in_bounded_memory() -> None:
    meeting = make_recording(bytes(1_000_000) * 100)
    gc.collect()
    process = psutil.Process()
    with serving() as address:
        url = f"{address}/api/meetings/{meeting.pk}/audio"
        httpx.head(url)
        before = highest = process.memory_info().rss
        received = 0
        with httpx.stream("GET", url) as answer:
            for piece in answer.iter_raw():
                received += len(piece)
                highest = max(highest, process.memory_info().rss)
    assert received == 100_000_000
    assert highest - before < 20 * 1024 * 1024


def test_listener_who_leaves_in_the_middle_leaves_no_open_file() -> None:
    meeting = make_recording(bytes(1_000_000) * 20)
    with serving() as address:
        with httpx.stream("GET", f"{address}/api/meetings/{meeting.pk}/audio") as answer:
            pieces = answer.iter_raw()
            next(pieces)
            assert len(list_open(meeting)) == 1
        wait_until(lambda: not list_open(meeting))


def test_whole_and_range_are_the_same_bytes_under_uvicorn(meeting: Meeting) -> None:
    with serving() as address:
        url = f"{address}/api/meetings/{meeting.pk}/audio"
        assert httpx.get(url).content == SOUND
        answer = httpx.get(url, headers={"Range": "bytes=65000-140000"})
        assert (answer.status_code, answer.content) == (206, SOUND[65_000:140_001])
        assert httpx.head(url).headers["content-length"] == "256000"
        wait_until(lambda: not list_open(meeting))
