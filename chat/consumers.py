"""The WebSocket of a room: parse, call one service function, answer."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from redis.exceptions import RedisError

from chat import events, services
from intellibooks.errors import DomainError

logger = logging.getLogger(__name__)

LONGEST_MESSAGE = 10_000  # characters
SPOKEN_TYPES = {"message", "research", "smart"}
SECONDS_BETWEEN_JOINS = 1


class BadFrame(DomainError):
    """A frame from a client that cannot be understood; the socket stays open."""

    def __init__(self, code: str, error: str) -> None:
        super().__init__(error)
        self.frame_code = code


def parse_frame(text: str | None) -> dict[str, Any]:
    if text is None:
        raise BadFrame("BINARY_NOT_SUPPORTED", "Frames are JSON text; this one is binary.")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("INVALID_JSON", "Invalid JSON") from error
    if not isinstance(frame, dict):
        raise BadFrame("INVALID_MESSAGE", "A frame is a JSON object.")
    return frame


def read_content(frame: dict[str, Any]) -> str:
    content = frame.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadFrame("INVALID_MESSAGE", "A message needs content: text that is not empty.")
    if len(content) > LONGEST_MESSAGE:
        raise BadFrame("TOO_LONG", f"A message has at most {LONGEST_MESSAGE} characters.")
    if "\x00" in content or has_lone_surrogate(content):
        raise BadFrame("INVALID_MESSAGE", "The message has characters that are not text.")
    return content


def has_lone_surrogate(content: str) -> bool:
    """JSON can spell half of a character; no database stores it."""
    return any("\ud800" <= character <= "\udfff" for character in content)


class RoomConsumer(AsyncWebsocketConsumer):
    """One socket in the room that the address names."""

    joining: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.session_id: str = self.scope["url_route"]["kwargs"]["session_id"]
        self.group = events.group_name(self.session_id)
        try:
            await database_sync_to_async(services.open_conversation, thread_sensitive=False)(
                self.session_id
            )
        except DomainError:
            await self.close()  # before accept: the handshake is refused for good
            return
        await self.accept()
        if not await self.join():
            self.joining = asyncio.create_task(self.join_when_possible())
        await self.tell_others("user_joined", "A participant joined")
        await self.say("connected", "Connected to session")

    async def disconnect(self, code: int) -> None:
        if self.joining is not None:
            self.joining.cancel()
        if hasattr(self, "group"):
            with suppress(RedisError):
                await self.channel_layer.group_discard(self.group, self.channel_name)
            await self.tell_others("user_left", "A participant left")
        raise StopConsumer

    async def join(self) -> bool:
        """Whether frames of the room reach this socket from now on."""
        try:
            await self.channel_layer.group_add(self.group, self.channel_name)
        except RedisError as error:
            logger.warning("session %s waits for Redis: %s", self.session_id, error)
            return False
        return True

    async def join_when_possible(self) -> None:
        """Redis is away: what is written is stored all the same, and the room comes back."""
        while not await self.join():
            await asyncio.sleep(SECONDS_BETWEEN_JOINS)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            await self.receive_frame(parse_frame(text_data))
        except BadFrame as error:
            await self.complain(error.frame_code, error.error)
        except DomainError as error:
            await self.complain(error.code.upper(), error.error)
        except DatabaseError:
            logger.exception("a frame of session %s could not be stored", self.session_id)
            await self.complain("UNAVAILABLE", "The message could not be stored; please resend.")

    async def receive_frame(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type", "message")
        if kind == "ping":
            await self.send(events.encode(events.stamp("pong", self.session_id)))
        if not isinstance(kind, str) or kind not in SPOKEN_TYPES:
            return  # the contract: an unknown type is ignored
        user_id, metadata = frame.get("user_id"), frame.get("metadata")
        await database_sync_to_async(services.post_message, thread_sensitive=False)(
            self.session_id,
            read_content(frame),
            user_id=user_id[:128] if isinstance(user_id, str) else "",
            metadata=metadata if isinstance(metadata, dict) else None,
            sender=self.channel_name,
        )

    async def room_frames(self, message: dict[str, Any]) -> None:
        """Frames of the room, already text: forwarded as they are."""
        if message["sender"] == self.channel_name:
            return
        for text in message["texts"]:
            await self.send(text)

    async def say(self, event: str, content: str) -> None:
        await self.send(
            events.encode(events.stamp("system", self.session_id, event=event, content=content))
        )

    async def complain(self, code: str, error: str) -> None:
        frame = events.stamp("error", self.session_id, error=error, content=error, code=code)
        await self.send(events.encode(frame))

    async def tell_others(self, event: str, content: str) -> None:
        frame = events.stamp("system", self.session_id, event=event, content=content)
        message = {"type": "room.frames", "texts": [events.encode(frame)]}
        with suppress(RedisError):
            await self.channel_layer.group_send(
                self.group, {**message, "sender": self.channel_name}
            )
