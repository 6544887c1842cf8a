"""All HTTP routes."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from intellibooks.front import front
from intellibooks.health import health, ready

handler400 = "intellibooks.api_errors.answer_bad_request"
handler404 = "intellibooks.api_errors.answer_unknown_address"
handler500 = "intellibooks.api_errors.answer_crash"

admin.site.site_header = admin.site.site_title = "Intellibooks Studio"
schema = SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer])
urlpatterns: list[URLPattern | URLResolver] = [
    path("", front, name="front"),
    re_path(r"^(?:api/)?health/?$", health, name="health"),
    re_path(r"^api/ready/?$", ready, name="ready"),
    path("openapi.json", schema, name="schema"),
    re_path(r"^api/docs/?$", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin/django_rq/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("meetings.urls")),
    path("api/", include("transcription.urls")),
]
