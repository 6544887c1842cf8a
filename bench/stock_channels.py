"""A room as the tutorial of Channels builds it: what the product's own hub is measured beside.

Served by Daphne, with the Redis layer that the tutorial names, and room for all that waits in
it: at its default of 100 messages it drops the rest without a word.
Usage: BENCH_REDIS=... python -m daphne bench.stock_channels:application
"""

import os
from typing import Any

from django.conf import settings

UNBOUNDED = {"socket_timeout": None, "max_connections": 100_000}

settings.configure(
    SECRET_KEY="only for the bench",  # noqa: S106 - nothing is signed
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {
                # redis-py's own: 5 s, which ends every quiet socket, and 100 connections.
                "hosts": [{"address": os.environ["BENCH_REDIS"], **UNBOUNDED}],
                "capacity": 1_000_000,
            },
        }
    },
)

# isort: split
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402


class RoomConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send_json({"type": "system"})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        frame = {
            "type": "shout",
            "session_id": self.room,
            "timestamp": timezone.now().isoformat(),
            "content": content["content"],
        }
        event = {"type": "room.shout", "frame": frame, "sender": self.channel_name}
        await self.channel_layer.group_send(self.room, event)

    async def room_shout(self, event: Any) -> None:
        if event["sender"] != self.channel_name:
            await self.send_json(event["frame"])


room: Any = RoomConsumer.as_asgi()  # Channels' routes hold ASGI applications, not views
routes: list[Any] = [path("ws/<str:room>/", room)]
application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter(routes)})
