"""A connection that is given up when its time is over, however slowly the other side goes on.

A timeout of a socket begins anew with every byte that comes; here all of them share one end.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore


class Deadline:
    """So many seconds from now on, for everything that is done by it."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def limit(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """What is left, at most ``timeout``. Raises ``error`` where that is nothing."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise error("It took too long altogether.")
        return left if timeout is None else min(left, timeout)


class TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.deadline.limit(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.deadline.limit(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self.deadline.limit(timeout, httpcore.ConnectTimeout)
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class TimedBackend(httpcore.NetworkBackend):
    """Connects as ``backend`` does; what it took counts."""

    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self.backend = backend
        self.deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.deadline.limit(timeout, httpcore.ConnectTimeout)
        stream = self.backend.connect_tcp(host, port, left, local_address, socket_options)
        return TimedStream(stream, self.deadline)
