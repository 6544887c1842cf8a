"""Routes of the meeting API; each answers with and without a slash at its end."""

from django.urls import URLPattern, URLResolver, re_path
from rest_framework.routers import SimpleRouter

from meetings.search.views import SearchView
from meetings.views import MeetingViewSet
from meetings.webhooks.views import WebhookViewSet

router = SimpleRouter()
router.trailing_slash = "/?"  # as an attribute: the constructor's argument only knows on or off
router.register("meetings", MeetingViewSet, basename="meeting")
router.register("webhooks", WebhookViewSet, basename="webhook")
urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    re_path(r"^search/?$", SearchView.as_view(), name="search"),
]
