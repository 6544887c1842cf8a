"""A span for every request but the probes; in the list of middleware only where spans are sent."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from intellibooks import tracing
from intellibooks.request_id import current_request_id

PROBES = {"/api/health", "/api/ready", "/metrics"}
IDS = ("pk", "session_id", "meeting_id")  # as routes call a meeting's id
SERVER_ERROR = 500


class TraceRequests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.rstrip("/") in PROBES:
            return self.get_response(request)
        with tracing.serving(request.headers) as span:
            response = self.get_response(request)
            span.set_attributes(describe(request, response))
            span.update_name(f"{request.method} {find_route(request)}")
            if response.status_code >= SERVER_ERROR:
                tracing.fail(span, str(response.status_code))
        return response


def find_route(request: HttpRequest) -> str:
    """Never an address: one may hold the token of a link."""
    match = request.resolver_match
    return str(match.route) if match and match.route else "(none)"


def describe(request: HttpRequest, response: HttpResponse) -> dict[str, str | int]:
    """As OpenTelemetry's conventions for HTTP name it, and our own ids."""
    found: dict[str, str | int] = {
        "http.request.method": str(request.method),
        "http.route": find_route(request),
        "http.response.status_code": response.status_code,
        "studio.request_id": current_request_id(),
    }
    known = request.resolver_match.kwargs if request.resolver_match else {}
    if meeting_id := next((str(known[name]) for name in IDS if name in known), ""):
        found["studio.meeting_id"] = meeting_id
    return found
