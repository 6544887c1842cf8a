"""What the client says when the service is away, strange or refuses."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from meetings.demo.service import DemoError, Service

ANSWERS = {
    "/api/health": (200, {"service": "something"}),
    "/api/meetings/start": (200, {"status": "recording"}),
    "/api/meetings/one/stop": (400, {"detail": "fixed", "error": "It is not recording."}),
    "/api/meetings/one/status": (200, ["no", "object"]),
}


class Stranger(BaseHTTPRequestHandler):
    """A web server, but not ours."""

    def do_GET(self) -> None:
        status, answer = ANSWERS.get(self.path, (500, None))
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[Service]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        Thread(target=server.serve_forever, args=(0.02,)).start()
        service = Service(f"http://127.0.0.1:{server.server_port}/")
        yield service
        service.close()
        server.shutdown()


def test_other_product_is_recognised(stranger: Service) -> None:
    with pytest.raises(DemoError, match="Something else than Intellibooks Studio answers at"):
        stranger.read_health()


def test_start_without_an_id_is_refused(stranger: Service) -> None:
    with pytest.raises(DemoError, match="without a session_id"):
        stranger.start()


def test_refusal_is_told_in_the_words_of_the_service(stranger: Service) -> None:
    with pytest.raises(DemoError) as caught:
        stranger.stop("one")
    assert str(caught.value) == (
        "POST /api/meetings/one/stop was answered 400: It is not recording."
    )


@pytest.mark.parametrize("part", ["status", "metadata"])
def test_answer_that_is_no_object_is_refused(stranger: Service, part: str) -> None:
    with pytest.raises(DemoError, match="not JSON"):
        stranger.read("one", part)


def test_room_that_does_not_open_is_told(stranger: Service) -> None:
    with (
        pytest.raises(DemoError, match=r"The live connection ws://.* cannot be opened"),
        stranger.open_room("one"),
    ):
        pass


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8004", "http://", "http://x:99999", ""])
def test_address_must_be_one(url: str) -> None:
    with pytest.raises(DemoError, match="is not an address"):
        Service(url)


def test_secure_service_has_a_secure_socket() -> None:
    assert Service("https://studio.example/somewhere").socket_url == "wss://studio.example"
