"""Bodies that are too large, come in pieces or break off, on a real connection."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings

from tests.factories import make_silence
from tests.intellibooks.serve_process import ServeProcess, wait_until


@pytest.fixture(scope="module")
def serve() -> Iterator[ServeProcess]:
    with ServeProcess(LIMIT_UPLOADS="off") as serve:
        yield serve.wait_until_ready()


@pytest.fixture
def path(serve: ServeProcess) -> str:
    """Of a new meeting's chunks."""
    answer = httpx.post(f"http://127.0.0.1:{serve.port}/api/meetings/start", json={})
    return f"/api/meetings/{answer.json()['session_id']}/chunk"


def open_upload(serve: ServeProcess, path: str, length: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", serve.port), timeout=20)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
    )
    return connection


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def test_who_sends_a_body_that_is_too_large_to_its_end_sees_why_not(
    serve: ServeProcess, path: str
) -> None:
    length = settings.MAX_BODY_BYTES + 1_000_000
    with open_upload(serve, path, length) as connection:
        connection.sendall(bytes(length))
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["code"] == "too_large"


def test_form_that_comes_without_a_length_is_accepted(serve: ServeProcess, path: str) -> None:
    sound = make_silence(0.5)
    files = {"audio_chunk": ("c.wav", sound, "audio/wav")}
    form = httpx.Request("POST", "http://x", files=files, data={"chunk_index": "0"})
    whole = form.read()
    answer = httpx.post(
        f"http://127.0.0.1:{serve.port}{path}",
        headers={"content-type": form.headers["content-type"]},
        content=(whole[start : start + 999] for start in range(0, len(whole), 999)),
    )
    assert (answer.status_code, answer.json()["bytes"]) == (200, len(sound)), answer.text


def test_uploads_that_break_off_leave_nothing_behind(serve: ServeProcess, path: str) -> None:
    web = serve.find("uvicorn")
    assert web is not None
    before = web.num_fds()
    for _ in range(100):
        with open_upload(serve, path, 200_000) as connection:
            connection.sendall(bytes(100_000))
    wait_until(lambda: web.num_fds() <= before + 5)
    assert not list((serve.data_dir / "media").rglob("*.part"))
    address = f"http://127.0.0.1:{serve.port}{path}s"
    assert httpx.get(address).json()["total_chunks"] == 0
    assert "Traceback" not in serve.output
