"""What this web process counts itself; a scrape asks each process for its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

HTTP_SECONDS = Histogram(
    "studio_http_request_seconds",
    "From the first middleware to the answer's head, by route.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
SOCKETS = Gauge("studio_sockets", "Open WebSockets.", registry=REGISTRY)
SOCKETS_CLOSED = Counter(
    "studio_sockets_closed_total", "Sockets we closed, by code.", ("code",), registry=REGISTRY
)
FRAMES = Counter("studio_frames_sent_total", "Frames sent to sockets.", registry=REGISTRY)
FANOUT_SECONDS = Histogram(
    "studio_fanout_seconds",
    "From a kept frame's stamp to the queue of the room's last socket here.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=REGISTRY,
)
