"""Which web pages may talk to us: our own, and those that CORS_ORIGINS names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port, validate_host

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def is_allowed_origin(origin: str, host: str) -> bool:
    """A page of ours (same host and port), or one the operator listed."""
    return urlsplit(origin).netloc == host or origin in settings.CORS_ALLOWED_ORIGINS


class RefuseForeignOrigins:
    """Middleware: a page of a stranger cannot start or stop meetings on this machine.

    CORS alone does not stop it, since a browser sends a plain form anywhere and only hides
    the answer. Programs send no Origin and are not concerned.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin")
        if (
            origin is None
            or request.method in SAFE_METHODS
            or is_allowed_origin(origin, request.get_host())
        ):
            return self.get_response(request)
        error = "This web page may not use this service. Add its origin to CORS_ORIGINS."
        return JsonResponse(
            {"detail": "Origin not allowed", "error": error, "code": "forbidden"}, status=403
        )


class RefuseForeignSockets:
    """The same for WebSockets, which CORS does not cover."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.denier = WebsocketDenier()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        # The name is checked as for HTTP: a page that points its own name at us is a stranger.
        is_ours = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        if is_ours and (not origin or is_allowed_origin(origin, host)):
            await self.application(scope, receive, send)
        else:
            await self.denier(scope, receive, send)
