"""A client of the running service: its REST and WebSocket, used as the frontend uses them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from intellibooks.port_check import is_loopback

PRODUCT = "intellibooks-studio"
SHORT_SECONDS, LONG_SECONDS = 10.0, 30.0  # the frontend's own limits
CLOSE_SECONDS = 2.0
START_HINT = "Start the service with `make run` (or `python manage.py serve`) and try again."


class DemoError(Exception):
    """Why the demo did not work, as a sentence."""


class Room:
    """An open socket; the frames that arrive meanwhile wait for ``listen``."""

    def __init__(self, session_id: str, socket: ClientConnection) -> None:
        self.session_id = session_id
        self.socket = socket

    def listen(self, seconds: float) -> Iterator[dict[str, Any]]:
        """The frames of this session that are here or come within that time.

        Raises DemoError when the connection breaks off.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                text = self.socket.recv(timeout=max(0.0, deadline - time.monotonic()))
                frame = json.loads(text)
            except TimeoutError:
                return
            except ConnectionClosed as error:
                raise DemoError(f"The live connection broke off: {error}.") from error
            except ValueError as error:
                raise DemoError("The live connection sent something that is not JSON.") from error
            if isinstance(frame, dict) and frame.get("session_id") == self.session_id:
                yield frame


class Service:
    """Every method raises DemoError when the service does not do what it should."""

    def __init__(self, url: str) -> None:
        parts = split_url(url)
        self.url = f"{parts.scheme}://{parts.netloc}"
        self.socket_url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
        # A proxy of the environment is for the world outside, not for this machine.
        self.may_use_proxy = not is_loopback(parts.hostname or "")
        self.client = httpx.Client(base_url=self.url, trust_env=self.may_use_proxy)

    def close(self) -> None:
        self.client.close()

    def read_health(self) -> dict[str, Any]:
        health = self.request("GET", "/api/health", SHORT_SECONDS)
        if health.get("service") != PRODUCT:
            raise DemoError(f"Something else than Intellibooks Studio answers at {self.url}.")
        return health

    def start(self) -> str:
        """The session id of a new meeting."""
        answer = self.request("POST", "/api/meetings/start", SHORT_SECONDS, json={})
        session_id = answer.get("session_id")
        if not isinstance(session_id, str):
            raise DemoError("The service started a meeting without a session_id.")
        return session_id

    def send_chunk(self, session_id: str, index: int, wav: bytes) -> None:
        self.request(
            "POST",
            f"/api/meetings/{session_id}/chunk",
            LONG_SECONDS,
            data={"chunk_index": str(index)},
            files={"audio_chunk": (f"chunk_{index}.wav", wav, "audio/wav")},
        )

    def stop(self, session_id: str) -> None:
        self.request("POST", f"/api/meetings/{session_id}/stop", LONG_SECONDS, json={})

    def read(self, session_id: str, part: str) -> dict[str, Any]:
        """``part``: status, transcript or metadata."""
        return self.request("GET", f"/api/meetings/{session_id}/{part}", LONG_SECONDS)

    @contextmanager
    def open_room(self, session_id: str) -> Iterator[Room]:
        address = f"{self.socket_url}/ws/chat/{session_id}"
        try:
            socket = connect(
                address,
                open_timeout=SHORT_SECONDS,
                close_timeout=CLOSE_SECONDS,
                max_size=None,  # as in a browser: the whole transcript is one frame
                proxy=True if self.may_use_proxy else None,
            )
        except (OSError, WebSocketException) as error:  # TimeoutError is an OSError
            raise DemoError(f"The live connection {address} cannot be opened: {error}.") from error
        with socket:
            yield Room(session_id, socket)

    def request(self, method: str, path: str, seconds: float, **body: Any) -> dict[str, Any]:
        """The JSON object that a request is answered with."""
        try:
            response = self.client.request(method, path, timeout=seconds, **body)
        except httpx.ConnectError as error:
            raise DemoError(f"Nothing answers at {self.url}. {START_HINT}") from error
        except httpx.TimeoutException as error:
            raise DemoError(f"{method} {path} got no answer within {seconds:g} s.") from error
        except httpx.HTTPError as error:
            raise DemoError(f"{method} {path} failed: {error}.") from error
        answer = read_object(response)
        if response.is_success and answer is not None:
            return answer
        reason = str((answer or {}).get("error") or "its answer is not JSON").rstrip(".")
        raise DemoError(f"{method} {path} was answered {response.status_code}: {reason}.")


def split_url(url: str) -> SplitResult:
    """Scheme and address of the service. Raises DemoError."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_usable = is_usable and parts.port != 0  # the property refuses what is no port
    except ValueError:
        is_usable = False
    if not is_usable:
        raise DemoError(f"{url} is not an address such as http://127.0.0.1:8004.")
    return parts


def read_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
