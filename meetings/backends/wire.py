"""One JSON request with a limit on everything: connecting, waiting, and the size of the answer."""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from meetings.backends.base import BackendAway, BackendConfused, BackendRefused, breaker

CONNECT_SECONDS = 3.0
MOST_BYTES = 4 * 1024 * 1024
LONGEST_SHOWN = 200
TOO_MANY_REQUESTS, REQUEST_TIMEOUT, SERVER_ERROR, MULTIPLE_CHOICES = 429, 408, 500, 300


def post_json(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_seconds: float
) -> Any:
    """The decoded answer. Raises BackendAway, BackendRefused, BackendConfused.

    Redirects are not followed: a key must not travel to another host.
    """
    if breaker.is_open(url):
        raise BackendAway(f"{url} was away a moment ago")
    try:
        status, content = _exchange(url, body, headers, timeout_seconds)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        breaker.trip(url)
        raise BackendAway(f"{url}: {type(error).__name__}: {error}") from error
    if status >= SERVER_ERROR or status in {TOO_MANY_REQUESTS, REQUEST_TIMEOUT}:
        breaker.trip(url)
        raise BackendAway(f"{url} answered {status}: {_show(content)}")
    if status >= MULTIPLE_CHOICES:
        raise BackendRefused(f"{url} answered {status}: {_show(content)}", status)
    try:
        return json.loads(content)
    except ValueError as error:
        raise BackendConfused(f"{url} answered no JSON: {_show(content)}") from error


def _exchange(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_seconds: float
) -> tuple[int, bytes]:
    """Read in pieces: httpx limits the wait for each piece, which a slow drip never reaches."""
    deadline = time.monotonic() + timeout_seconds
    limits = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
    content = bytearray()
    with (
        httpx.Client(timeout=limits) as client,
        client.stream("POST", url, json=body, headers=dict(headers)) as answer,
    ):
        for piece in answer.iter_bytes():
            content += piece
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout(f"more than {timeout_seconds:g} s")
            if len(content) > MOST_BYTES:
                raise httpx.DecodingError(f"more than {MOST_BYTES} bytes")
        return answer.status_code, bytes(content)


def _show(content: bytes) -> str:
    return " ".join(content[:LONGEST_SHOWN].decode("utf-8", "replace").split())
