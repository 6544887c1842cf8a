"""What every answer tells the browser about itself, an answer of the outermost limit too."""

import re
from typing import Any

# Any code that runs here came from here; what people said and wrote stays text.
PAGES = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# An answer of the API is no page: a browser that is shown one loads and runs nothing.
ANSWERS = "default-src 'none'; media-src 'self'; frame-ancestors 'none'"
# Swagger's page sets styles by itself; django-rq's pages have scripts, for superusers alone.
STYLED = f"{PAGES}; style-src 'self' 'unsafe-inline'"
QUEUES = f"{STYLED}; script-src 'self' 'unsafe-inline'"
POLICIES = (
    (re.compile(r"/api/docs/?"), STYLED),
    (re.compile(r"/admin/django_rq/.*"), QUEUES),
    (re.compile(r"/(api|health|metrics|openapi\.json|asyncapi\.yaml)\b.*", re.DOTALL), ANSWERS),
)
FIXED = (
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    # The recorder wants the microphone, or what another tab plays; nobody wants the rest.
    (
        b"permissions-policy",
        b"microphone=(self), display-capture=(self), camera=(), geolocation=(), payment=(), usb=()",
    ),
)


def find_policy(path: str) -> str:
    """The Content-Security-Policy of what is at that path, unless it says its own."""
    return next((policy for pattern, policy in POLICIES if pattern.fullmatch(path)), PAGES)


class AddHeaders:
    """ASGI middleware: whatever the answer does not say itself is added."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def add(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", ()))
                names = {name.lower() for name, _ in said}
                policy = (b"content-security-policy", find_policy(scope["path"]).encode())
                more = [header for header in (*FIXED, policy) if header[0] not in names]
                message = {**message, "headers": said + more}
            await send(message)

        await self.application(scope, receive, add)
