"""A service that receives webhooks: a real HTTP server that answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    port: int
    answers: list[int] = field(default_factory=list)  # statuses in order; the last one stays
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)
    location: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def next_status(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [200])[0]


@contextmanager
def running_receiver(*answers: int) -> Iterator[Receiver]:
    receiver = Receiver(0, list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append((headers, body))
            self.send_response(receiver.next_status())
            if receiver.location:
                self.send_header("location", receiver.location)
            self.end_headers()
            self.wfile.write(b"thank you")

        def log_message(self, *args: object) -> None:
            """Nothing: the test looks at what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
