"""/metrics: this process's own figures and those of the whole service, for Prometheus."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from intellibooks.auth.authentication import identify_http
from intellibooks.errors import NotAuthenticated
from intellibooks.identity import is_open
from intellibooks.metrics.process import REGISTRY
from meetings.figures import collect_figures


class ServiceFigures(Collector):
    def collect(self) -> Iterator[Metric]:
        return collect_figures()


SHARED = CollectorRegistry()
SHARED.register(ServiceFigures())


def metrics(request: HttpRequest) -> HttpResponse:
    """For staff, or a token of theirs, where a login is required."""
    try:
        may_read = is_open() or identify_http(request).is_staff
    except NotAuthenticated:
        may_read = False
    if not may_read:
        return HttpResponse("Show a staff member's token.\n", status=401, content_type="text/plain")
    body = generate_latest(REGISTRY) + generate_latest(SHARED)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
