"""Real HTTP servers that answer as language models and agent services do, well or badly."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What one request gets; the body drips out where ``drip_seconds`` is set."""

    body: bytes
    status: int = 200
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0


@dataclass
class Server:
    """Answers in turn, the last one again and again; remembers what it was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def say(self, content: Any, **wishes: Any) -> None:
        """An answer of a chat model; what is no text is written as JSON."""
        text = content if isinstance(content, str) else json.dumps(content)
        message = {"choices": [{"message": {"role": "assistant", "content": text}}]}
        self.send(message, **wishes)

    def send(self, body: Any, **wishes: Any) -> None:
        self.answers.append(Answer(json.dumps(body).encode(), **wishes))


class Handler(BaseHTTPRequestHandler):
    told: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        told, self.close_connection = self.told, True
        size = int(self.headers["Content-Length"])
        told.requests.append(json.loads(self.rfile.read(size)))
        told.headers.append({name.lower(): value for name, value in self.headers.items()})
        told.paths.append(self.path)
        answer = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
        time.sleep(answer.delay_seconds)
        with suppress(ConnectionError):  # who asked has left
            self.answer(answer)

    def answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        size = 1 if answer.drip_seconds else len(answer.body) or 1
        for place in range(0, len(answer.body), size):
            self.wfile.write(answer.body[place : place + size])
            self.wfile.flush()
            time.sleep(answer.drip_seconds)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    told = Server()
    handler = type("ToldHandler", (Handler,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
