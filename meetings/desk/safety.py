"""What a page of the desk tells the browser, since what people said and wrote stands in it."""

from typing import TypeVar

from django.http.response import HttpResponseBase

# No inline script and no other host: words stay words even where an escape was forgotten.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
Answer = TypeVar("Answer", bound=HttpResponseBase)


def protect(response: Answer) -> Answer:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
