"""All HTTP routes."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from chat.asyncapi.page import asyncapi
from intellibooks.console import console, public_config
from intellibooks.front import front
from intellibooks.health import StatusView, health, ready
from intellibooks.metrics_page import metrics

handler400 = "intellibooks.api_errors.answer_bad_request"
handler404 = "intellibooks.api_errors.answer_unknown_address"
handler500 = "intellibooks.api_errors.answer_crash"

admin.site.site_header = admin.site.site_title = "Intellibooks Studio"
schema = SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer])
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("meetings.urls")),  # first: each chunk looks for its route here
    path("", front, name="front"),
    re_path(r"^console(?:/.*)?$", console, name="console"),
    re_path(r"^api/config/?$", public_config, name="config"),
    re_path(r"^(?:api/)?health/?$", health, name="health"),
    re_path(r"^api/ready/?$", ready, name="ready"),
    re_path(r"^api/status/?$", StatusView.as_view(), name="status"),
    re_path(r"^metrics/?$", metrics, name="metrics"),
    path("openapi.json", schema, name="schema"),
    path("asyncapi.yaml", asyncapi, name="asyncapi"),
    re_path(r"^api/docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("admin/django_rq/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("intellibooks.auth.urls")),
    path("api/", include("chat.urls")),
    path("api/", include("transcription.urls")),
]
