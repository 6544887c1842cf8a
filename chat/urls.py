"""Routes of sessions, conversations and notifications, with and without a slash at the end."""

from django.urls import URLPattern, URLResolver, re_path
from rest_framework.routers import SimpleRouter

from chat.rest.conversation_views import ConversationViewSet
from chat.rest.event_views import EventsView
from chat.rest.notification_views import NotificationViewSet
from chat.rest.session_views import SessionViewSet

router = SimpleRouter()
router.trailing_slash = "/?"  # as an attribute: the constructor's argument only knows on or off
router.register("sessions", SessionViewSet, basename="session")
router.register("conversations", ConversationViewSet, basename="conversation")
router.register("notifications", NotificationViewSet, basename="notification")
ID = r"(?P<pk>[A-Za-z0-9._-]{1,64})"
events = EventsView.as_view()
urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    re_path(rf"^sessions/{ID}/events/?$", events, name="session-events"),
    # A meeting is a session under the same id.
    re_path(rf"^meetings/{ID}/events/?$", events, name="meeting-events"),
]
