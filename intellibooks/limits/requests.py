"""Limits of the REST API, before a body is read and before a thread is taken.

Who is nobody in required mode is told so here, for the same reason.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from intellibooks.api_errors import list_headers, name_request
from intellibooks.errors import DomainError, NotAuthenticated, RateLimited
from intellibooks.identity import STRANGER, Identity
from intellibooks.limits.addresses import name_source
from intellibooks.limits.limiter import Verdict, allow

# What is limited: the kind, the method, the path. None of it is for somebody unknown.
LIMITED = (
    ("starts", "POST", re.compile(r"/api/meetings/start/?")),
    ("starts", "POST", re.compile(r"/api/(sessions|conversations)/?")),
    ("uploads", "POST", re.compile(r"/api/meetings/[^/]+/chunk/?")),
    ("uploads", "PUT", re.compile(r"/api/meetings/[^/]+/chunks/[^/]+/?")),
    ("starts", "POST", re.compile(r"/api/meetings/(import|sample)/?")),
    ("starts", "POST", re.compile(r"/api/meetings/[^/]+/reprocess/?")),
    ("starts", "POST", re.compile(r"/api/auth/ws-ticket/?")),
    ("starts", "POST", re.compile(r"/api/webhooks/[^/]+/ping/?")),
    ("starts", "POST", re.compile(r"/api/webhooks/[^/]+/deliveries/[^/]+/redeliver/?")),
    ("messages", "POST", re.compile(r"/api/(sessions|conversations)/[^/]+/messages/?")),
    ("messages", "PATCH", re.compile(r"/api/sessions/[^/]+/messages/[^/]+/?")),
    ("messages", "DELETE", re.compile(r"/api/sessions/[^/]+/messages/[^/]+/?")),
    ("transcribe", "POST", re.compile(r"/api/transcription/transcribe/?")),
)
# A recorder locks its buttons for good after a refused chunk: it rather waits.
LONGEST_WAIT_SECONDS = {"uploads": 10.0}
REFUSAL = "Too many requests. Please wait a moment."

Identify = Callable[[Any], Awaitable[Identity | None]]


def find_kind(method: str, path: str) -> str:
    """The limit that applies to a request; empty where none does."""
    for kind, name, pattern in LIMITED:
        if method == name and pattern.fullmatch(path):
            return kind
    return ""


class LimitRequests:
    """ASGI middleware; ``identify`` tells who sent it, so that a person has a limit of its own.

    It tells None where that cannot be told now: such a request goes on, with its address's limit.
    """

    def __init__(self, application: Any, identify: Identify) -> None:
        self.application = application
        self.identify = identify

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        kind = find_kind(scope["method"], scope["path"])
        if kind:
            identity = await self.identify(scope)
            if identity is not None and not identity.is_authenticated:
                await refuse(send, NotAuthenticated("Log in, or send an API token."))
                return
            verdict = await wait_for(kind, identity or STRANGER, name_source(scope))
            if not verdict.allowed:
                await refuse(send, RateLimited(REFUSAL, verdict.retry_after))
                return
        await self.application(scope, receive, send)


async def wait_for(kind: str, identity: Identity, source: str) -> Verdict:
    """The verdict; where the kind may wait, only after its turn did not come in time."""
    patience = LONGEST_WAIT_SECONDS.get(kind, 0.0)
    while True:
        verdict = await allow(kind, identity, source)
        if verdict.allowed or verdict.retry_after > patience:
            return verdict
        patience -= verdict.retry_after
        await asyncio.sleep(verdict.retry_after)


async def refuse(send: Any, error: DomainError) -> None:
    headers = {"content-type": "application/json", **list_headers(error)}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    body = json.dumps(name_request(error.body())).encode()
    await send({"type": "http.response.start", "status": error.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
