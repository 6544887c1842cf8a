"""A web server with one model file, which can be as bad as real ones are."""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from transcription.model_file import HEADER, MAGIC
from transcription.models_catalogue import WhisperModel

PIECE = 4096


def make_model_bytes(model: WhisperModel, size: int = 300_000) -> bytes:
    """A file with the right header, and bytes instead of weights."""
    vocabulary = 51_864 if model.is_english_only else 51_865
    width = model.width
    header = HEADER.pack(MAGIC, vocabulary, 1500, width, 6, 4, 448, width, 6, 4, 80, 1)
    weights = (b"%08d" % number for number in range(size // 8 + 1))
    return (header + b"".join(weights))[:size]


@dataclass
class ModelServer:
    """``content`` under any name; the rest says how it fails."""

    content: bytes
    url: str = ""
    status: int = 0
    break_after: list[int] = field(default_factory=list)  # bytes, one entry per request
    busy_times: int = 0
    ignores_ranges: bool = False
    has_tag: bool = True
    has_length: bool = True
    says_sum: bool = True
    promised_size: int | None = None
    pause_seconds: float = 0.0
    requests: list[dict[str, str]] = field(default_factory=list)

    @property
    def ranges(self) -> list[str]:
        return [request.get("range", "") for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    told: ModelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told, self.close_connection = self.told, True
        if self.path.startswith("/hub/"):  # as model hubs do: size and sum, and on to the file
            self.redirect()
            return
        told.requests.append({name.lower(): value for name, value in self.headers.items()})
        if told.status or told.busy_times:
            told.busy_times -= 1
            self.answer(told.status or 503, {"Content-Length": "0"})
            return
        self.send_file()

    def redirect(self) -> None:
        told = self.told
        headers = {"Location": f"{told.url}/{self.path.rsplit('/')[-1]}", "Content-Length": "0"}
        if told.says_sum:
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(told.content).hexdigest()}"'
        headers["X-Linked-Size"] = str(told.promised_size or len(told.content))
        self.answer(302, headers)

    def send_file(self) -> None:
        told, start = self.told, 0
        tag = f'"{hashlib.md5(told.content, usedforsecurity=False).hexdigest()}"'
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if match and not told.ignores_ranges and self.headers.get("If-Range", tag) == tag:
            start = int(match[1])
        size = len(told.content)
        if start >= size:
            self.answer(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"})
            return
        headers = {"ETag": tag} if told.has_tag else {}
        if start:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        if told.has_length:
            headers["Content-Length"] = str((told.promised_size or size) - start)
        self.answer(206 if start else 200, headers)
        with suppress(ConnectionError):  # who asked has left
            self.send_content(start)

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def send_content(self, start: int) -> None:
        told = self.told
        end = start + told.break_after.pop(0) if told.break_after else len(told.content)
        for place in range(start, min(end, len(told.content)), PIECE):
            time.sleep(told.pause_seconds)
            self.wfile.write(told.content[place : min(place + PIECE, end)])

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving_model(content: bytes) -> Iterator[ModelServer]:
    told = ModelServer(content)
    handler = type("ToldHandler", (Handler,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
