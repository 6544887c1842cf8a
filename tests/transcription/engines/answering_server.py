"""A local HTTP server that answers as it is told and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    seconds: float = 0.0
    kind: str = "application/json"

    def encode(self) -> bytes:
        is_text = isinstance(self.body, str)
        return self.body.encode() if is_text else json.dumps(self.body).encode()


@dataclass
class Request:
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class AnsweringServer:
    """``replies`` are used up one by one; the last one stays."""

    url: str = ""
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    requests: list[Request] = field(default_factory=list)

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Listener"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        self.answer(self.rfile.read(int(length)) if length else self.read_pieces())

    def read_pieces(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = self.server.told
        told.requests.append(Request(parts.path, parse_qs(parts.query), headers, body))
        reply = told.next_reply()
        time.sleep(reply.seconds)
        with suppress(ConnectionError):  # who asked has lost patience
            self.send(reply, reply.encode())

    def send(self, reply: Reply, content: bytes) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told = AnsweringServer(f"http://127.0.0.1:{self.server_port}")


@contextmanager
def serving() -> Iterator[AnsweringServer]:
    listener = Listener()
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield listener.told
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
