"""Routes of the meeting API; each answers with and without a slash at its end."""

from rest_framework.routers import SimpleRouter

from meetings.views import MeetingViewSet

router = SimpleRouter()
router.trailing_slash = "/?"  # as an attribute: the constructor's argument only knows on or off
router.register("meetings", MeetingViewSet, basename="meeting")
urlpatterns = router.urls
