"""A real HTTP server that answers as a model that streams, or as an agent service."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Backend:
    """``pieces`` are streamed one by one; ``body`` is answered at once instead, where it is set.

    While ``is_held`` nothing more is sent than ``pieces``: the answer does not end.
    """

    url: str = ""
    pieces: list[str] = field(default_factory=list)
    body: Any = None
    status: int = 200
    is_held: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    backend: Backend

    def do_POST(self) -> None:
        backend = self.backend
        size = int(self.headers["Content-Length"])
        backend.requests.append(json.loads(self.rfile.read(size)))
        backend.paths.append(self.path)
        streams = backend.body is None
        self.send_response(backend.status)
        kind = "text/event-stream" if streams else "application/json"
        self.send_header("Content-Type", kind)
        self.end_headers()
        with suppress(ConnectionError):  # who asked has left
            if not streams:
                self.wfile.write(json.dumps(backend.body).encode())
                return
            for piece in backend.pieces:
                self.send_event({"choices": [{"delta": {"content": piece}}]})
            if backend.is_held:
                backend.released.wait(10)
            self.wfile.write(b"data: [DONE]\n\n")

    def send_event(self, event: Any) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Backend]:
    backend = Backend()
    handler = type("BackendHandler", (Handler,), {"backend": backend})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        backend.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield backend
        finally:
            backend.released.set()
            server.shutdown()
            thread.join()
