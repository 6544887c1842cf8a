"""WebSocket routes; the address works with and without a slash at its end."""

from typing import Any

from django.urls import re_path

from chat import consumers

# Channels' routes hold ASGI applications, not views.
room: Any = consumers.room
refuse: Any = consumers.refuse
websocket_urlpatterns: list[Any] = [
    re_path(r"^ws/chat/(?P<session_id>[A-Za-z0-9._-]{1,64})/?$", room),
    re_path(r"", refuse),
]
