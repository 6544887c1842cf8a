"""A chat completion read as it is written: server-sent events, or one JSON object at the end."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import httpx

from meetings.backends.base import BackendAway, BackendConfused, BackendRefused, breaker
from meetings.backends.wire import (
    CONNECT_SECONDS,
    MOST_BYTES,
    MULTIPLE_CHOICES,
    REQUEST_TIMEOUT,
    SERVER_ERROR,
    TOO_MANY_REQUESTS,
)

EVENT_STREAM = "text/event-stream"
DATA, DONE = "data:", "[DONE]"
LONGEST_SHOWN = 200


async def stream_words(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_seconds: float
) -> AsyncGenerator[str]:
    """The pieces of text as they come. Raises BackendAway, BackendRefused, BackendConfused.

    Redirects are not followed: a key must not travel to another host.
    """
    limits = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            httpx.AsyncClient(timeout=limits) as client,
            client.stream("POST", url, json=dict(body), headers=dict(headers)) as answer,
        ):
            await refuse_failure(url, answer)
            async with aclosing(read_pieces(answer)) as pieces:
                async for piece in pieces:
                    yield piece
    except asyncio.CancelledError:
        breaker.trip(url)  # whoever asks next has no such time to wait either
        raise
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        breaker.trip(url)
        raise BackendAway(f"{url}: {type(error).__name__}: {error}") from error


async def refuse_failure(url: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if status < MULTIPLE_CHOICES:
        return
    async for piece in answer.aiter_bytes(LONGEST_SHOWN):
        shown = " ".join(piece.decode("utf-8", "replace").split())
        break
    else:
        shown = ""
    if status >= SERVER_ERROR or status in {TOO_MANY_REQUESTS, REQUEST_TIMEOUT}:
        breaker.trip(url)
        raise BackendAway(f"{url} answered {status}: {shown}")
    raise BackendRefused(f"{url} answered {status}: {shown}", status)


async def read_pieces(answer: httpx.Response) -> AsyncGenerator[str]:
    if EVENT_STREAM not in answer.headers.get("content-type", ""):
        yield read_whole(await read_limited(answer))
        return
    size = 0
    async for line in answer.aiter_lines():
        size += len(line)
        if size > MOST_BYTES:
            raise BackendConfused(f"more than {MOST_BYTES} characters")
        if not line.startswith(DATA):
            continue
        data = line.removeprefix(DATA).strip()
        if data == DONE:
            return
        yield read_delta(data)


async def read_limited(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            raise BackendConfused(f"more than {MOST_BYTES} bytes")
    return bytes(content)


def read_whole(content: bytes) -> str:
    """Of a server that does not stream."""
    try:
        text = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise BackendConfused("the language model answered without choices") from error
    if not isinstance(text, str):
        raise BackendConfused("the language model answered without text")
    return text


def read_delta(data: str) -> str:
    """The text of one event; empty where it only says who speaks or why it ends."""
    try:
        event = json.loads(data)
        choices = event["choices"]
        text = choices[0].get("delta", {}).get("content") if choices else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise BackendConfused("the language model streamed no choices") from error
    return text if isinstance(text, str) else ""
