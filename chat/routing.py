"""WebSocket routes; the address works with and without a slash at its end."""

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import re_path

from chat.consumers import RoomConsumer


class RefuseUnknownRoute(AsyncWebsocketConsumer):
    """Every other address: the handshake is refused instead of failing with a traceback."""

    async def connect(self) -> None:
        await self.close()


room: Any = RoomConsumer.as_asgi()  # Channels' routes hold ASGI applications, not views
unknown: Any = RefuseUnknownRoute.as_asgi()
websocket_urlpatterns: list[Any] = [
    re_path(r"^ws/chat/(?P<session_id>[A-Za-z0-9._-]{1,64})/?$", room),
    re_path(r"", unknown),
]
