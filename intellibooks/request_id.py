"""The id and the address of the request that is being answered, for every log line of it."""

import re
import uuid
from contextvars import ContextVar
from typing import Any

HEADER = b"x-request-id"
SANE = re.compile(rb"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_address: ContextVar[str] = ContextVar("address", default="")


def current_request_id() -> str:
    """Empty outside of a request."""
    return _request_id.get()


def current_address() -> str:
    """Of the client as the proxies that we trust tell it; empty outside of a request."""
    return _address.get()


def choose_id(headers: dict[bytes, bytes]) -> str:
    """The client's own id where it is a sane one, else a new one."""
    offered = headers.get(HEADER, b"")
    return offered.decode() if SANE.fullmatch(offered) else uuid.uuid4().hex


class StampRequests:
    """ASGI middleware: names each request and socket, and says the name in the answer."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request_id = choose_id(dict(scope["headers"]))
        _request_id.set(request_id)
        _address.set(str((scope.get("client") or ("",))[0]))
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return

        async def send_stamped(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (HEADER, request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self.application(scope, receive, send_stamped)
