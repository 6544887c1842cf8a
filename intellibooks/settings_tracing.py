"""Where traces go; nowhere by default. The SDK reads the other OTEL_ variables itself."""

from importlib.util import find_spec

from intellibooks import env

OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"))
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "intellibooks-studio")
TRACING = bool(OTEL_EXPORTER_OTLP_ENDPOINT)
if TRACING and (find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None):
    raise env.SettingError(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        OTEL_EXPORTER_OTLP_ENDPOINT,
        "it needs its packages, `pip install -r requirements-otel.txt`",
    )
