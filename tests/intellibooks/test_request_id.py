import asyncio
import json
import logging
from typing import Any

import pytest

from intellibooks.asgi import application
from intellibooks.log_lines import LineFormatter
from intellibooks.request_id import StampRequests, current_request_id

pytestmark = pytest.mark.django_db(transaction=True)


async def fetch(path: str, request_id: str = "") -> tuple[int, str, Any]:
    """Status, X-Request-Id and body of an answer of the real ASGI application."""
    headers = [(b"host", b"127.0.0.1:8004")]
    if request_id:
        headers.append((b"x-request-id", request_id.encode()))
    scope: Any = {"type": "http", "method": "GET", "path": path, "headers": headers}
    scope |= {"query_string": b"", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8004)}
    sent: list[Any] = []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return asked.pop() if asked else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return (
        sent[0]["status"],
        dict(sent[0]["headers"])[b"x-request-id"].decode(),
        json.loads(body),
    )


async def test_answer_and_error_body_carry_the_clients_id() -> None:
    status, request_id, body = await fetch("/api/meetings/nothing", "from-the-client.1")
    assert (status, request_id) == (404, "from-the-client.1")
    assert body["request_id"] == "from-the-client.1"


@pytest.mark.parametrize("offered", ["", "short", "a" * 65, "with space in it", "line\r\nbreak"])
async def test_id_that_is_none_is_replaced(offered: str) -> None:
    _, first, _ = await fetch("/api/nothing-here", offered)
    _, second, _ = await fetch("/api/nothing-here", offered)
    assert len(first) == 32
    assert first != second != offered


async def test_log_lines_of_a_request_carry_its_id() -> None:
    lines: list[str] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        record = logging.LogRecord("x", logging.INFO, "x", 1, "it happened", None, None)
        lines.append(LineFormatter().format(record))

    scope = {"type": "http", "headers": [(b"x-request-id", b"abcdefgh")], "client": None}
    await asyncio.create_task(StampRequests(answer)(scope, None, None))
    assert lines[0].endswith("it happened [abcdefgh]")
    assert current_request_id() == ""
