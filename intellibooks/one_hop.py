"""Requests that are answered in one thread from their first middleware to their last byte.

Django's ASGI handler crosses into a thread and back for each synchronous middleware, signal and
view, and gives every request a new thread, which opens a new database connection: a quarter of
what an upload cost the server. Here the same middleware and the same view run as under WSGI: one
hop, on threads that stay and keep their connection.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.http import HttpResponse
from django.urls import set_script_prefix

# A store that hangs holds a thread for each upload until it gives up: there must be others.
MOST_THREADS = 64


class AnswerInOneHop:
    """ASGI middleware before Django's own application, for requests that ``is_short`` names.

    Their answers are sent as a whole, so none of them may be a streaming one.
    """

    def __init__(self, application: ASGIHandler, is_short: Callable[[str, str], bool]) -> None:
        self.application = application
        self.is_short = is_short
        self.handler = WSGIHandler()  # for its middleware, which it runs one inside the other
        self.threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="one-hop")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.is_short(scope["method"], scope["path"]):
            await self.application(scope, receive, send)
            return
        try:
            body = await self.application.read_body(receive)
        except RequestAborted:
            return
        run = contextvars.copy_context().run  # the request's id is in it
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self.threads, run, self.answer, scope, body)
        for message in answer:
            await send(message)

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
