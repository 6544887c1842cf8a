"""Times every request, under the route that answered it and never under an address."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from intellibooks.metrics.process import HTTP_SECONDS

NO_ROUTE = "(none)"  # unknown addresses share one series: a scanner must not make thousands


class MeasureRequests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match and match.route else NO_ROUTE
        method = request.method if request.method in KNOWN_METHODS else "other"
        seconds = time.perf_counter() - started
        HTTP_SECONDS.labels(method, route, response.status_code).observe(seconds)
        return response


KNOWN_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
