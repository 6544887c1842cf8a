"""Requests that are answered in one thread from their first middleware to their last byte.

Django's ASGI handler crosses into a thread and back for each synchronous middleware, signal and
view, and gives every request a new thread, which opens a new database connection: a quarter of
what an upload cost the server. Here the same middleware and the same view run as under WSGI: one
hop, on threads that stay and keep their connection.

Python runs one thread at a time, and eight that ask each other for it spend a quarter of their
work on asking. So requests stand in line for a few threads, and whoever stands there for too long,
because a disk or a database is slow, goes to one of many others.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import SEEK_END, BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.http import HttpResponse
from django.urls import set_script_prefix

# A store that hangs holds a thread for each upload until it gives up: there must be others.
MOST_THREADS = 64
LONGEST_WAIT_SECONDS = 0.1

Work = Callable[[], list[dict[str, Any]]]


class AnswerInOneHop:
    """ASGI middleware before Django's own application, for requests that ``is_short`` names.

    Their answers are sent as a whole, so none of them may be a streaming one.
    """

    def __init__(
        self, application: ASGIHandler, is_short: Callable[[str, str], bool], *, abreast: int
    ) -> None:
        """``abreast`` requests are answered at once, while each of them is quick."""
        self.application = application
        self.is_short = is_short
        self.handler = WSGIHandler()  # for its middleware, which it runs one inside the other
        self.line = ThreadPoolExecutor(abreast, thread_name_prefix="one-hop")
        self.others = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="one-hop-other")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.is_short(scope["method"], scope["path"]):
            await self.application(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        run = contextvars.copy_context().run  # the request's id is in it
        work = partial(run, self.answer, state_length(scope, body), body)
        for message in await self.run_in_line(work):
            await send(message)

    async def read_body(self, receive: Any) -> IO[bytes]:
        """As Django reads it, but what is small enough for memory is joined once, in one piece.

        Raises RequestAborted.
        """
        pieces: list[bytes] = []
        size, is_whole = 0, False
        while not is_whole and size <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            is_whole = not message.get("more_body", False)
        known = b"".join(pieces)
        if is_whole:
            return BytesIO(known)
        del pieces
        first = {"type": "http.request", "body": known, "more_body": True}
        file: IO[bytes] = await self.application.read_body(begin_with(first, receive))
        return file

    async def run_in_line(self, work: Work) -> list[dict[str, Any]]:
        """Cancelled from outside it leaves the work to end by itself: its body has come."""
        job = self.line.submit(work)
        answer = asyncio.wrap_future(job)
        await asyncio.wait([answer], timeout=LONGEST_WAIT_SECONDS)
        if job.cancel():  # it had not begun
            answer = asyncio.wrap_future(self.others.submit(work))
        return await asyncio.shield(answer)

    def answer(self, scope: Any, body: IO[bytes]) -> list[dict[str, Any]]:
        """What to send."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.handler.__class__, scope=scope)
        with body:
            response: Any
            request, response = self.application.create_request(scope, body)
            if request is not None:
                response = self.handler.get_response(request)
            try:
                return encode(response)
            finally:
                response.close()  # tells Django that this thread's connection is free


def state_length(scope: Any, body: IO[bytes]) -> Any:
    """With the header that a client leaves out who sends piece by piece: DRF goes by it."""
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return scope
    length = body.seek(0, SEEK_END)
    body.seek(0)
    return {**scope, "headers": [*scope["headers"], (b"content-length", str(length).encode())]}


def begin_with(first: Any, receive: Any) -> Callable[[], Awaitable[Any]]:
    """The same messages with this one before them."""
    waiting = [first]

    async def receive_next() -> Any:
        return waiting.pop() if waiting else await receive()

    return receive_next


def encode(response: HttpResponse) -> list[dict[str, Any]]:
    """The two messages of an answer."""
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    headers = [
        (name.encode("ascii"), value.encode("latin-1"))
        for name, value in (*response.items(), *cookies)
    ]
    return [
        {"type": "http.response.start", "status": response.status_code, "headers": headers},
        {"type": "http.response.body", "body": response.content},
    ]
