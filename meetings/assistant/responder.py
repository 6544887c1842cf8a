"""What the chat calls for each new message: the assistant's part of the conversation."""

import asyncio
import uuid
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from chat import messages, presence
from chat.models import Message
from chat.stream.socket import RoomSocket
from intellibooks.errors import NotFound
from meetings.assistant.addressing import drop_call, is_answered
from meetings.assistant.composing import compose
from meetings.assistant.grounding import ground
from meetings.assistant.phrasing import list_sources
from meetings.assistant.questions import DESCRIPTIONS, Question, read_question
from meetings.assistant.types import Answer
from meetings.backends.prompts import measure_room

MOST_AT_ONCE = 3  # replies to one connection
MOST_READING = 2  # meetings at once, per process: 0.5 s of work for three hours of talk
RUNNING = "assistant_replies"  # in a socket's state
OFF = "There is no assistant in this service."
BUSY = "The assistant is still answering. Please ask again when it has."
TIMED_OUT = "The assistant took too long to answer. Please ask again."

_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def respond(socket: RoomSocket, message: Message, kind: str) -> None:
    """Answers a message that is for the assistant: a status, then a message or an error."""
    if not await is_for_assistant(socket, message, kind):
        if kind != "message" and settings.ASSISTANT_ANSWERS == "never":
            await tell_asker(socket, "error", error=OFF, content=OFF, code="ASSISTANT_OFF")
        return
    running = socket.state.get(RUNNING, 0)
    if running >= MOST_AT_ONCE:
        await tell_asker(socket, "error", error=BUSY, content=BUSY, code="ASSISTANT_BUSY")
        return
    socket.state[RUNNING] = running + 1
    try:
        await Reply(socket, message, kind).run()
    finally:
        socket.state[RUNNING] -= 1


async def is_for_assistant(socket: RoomSocket, message: Message, kind: str) -> bool:
    answers = settings.ASSISTANT_ANSWERS
    must_look = answers == "alone" and kind == "message"
    is_alone = must_look and await asyncio.to_thread(find_alone, socket.session_id)
    return is_answered(kind, message.content, answers, is_alone=is_alone)


def find_alone(session_id: str) -> bool:
    try:
        return bool(presence.describe(session_id)["count"] <= 1)
    except RedisError:  # nobody knows, so nobody is interrupted
        return False


async def tell_asker(socket: RoomSocket, frame_type: str, **fields: Any) -> None:
    """A frame to a socket that may have gone meanwhile; the room gets the answer all the same."""
    with suppress(OSError, RuntimeError):
        await socket.reply(frame_type, **fields)


def take_turn() -> asyncio.Semaphore:
    """Of this event loop: reading a long meeting is work, and the rooms want their share."""
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_READING))


class Reply:
    """One reply; what is streamed of it has the id of the message that it becomes."""

    def __init__(self, socket: RoomSocket, message: Message, kind: str) -> None:
        self.socket, self.message, self.kind = socket, message, kind
        self.question: Question = read_question(
            drop_call(message.content), is_wide=kind == "research"
        )
        self.message_id = uuid.uuid4()
        self.has_told = False

    async def run(self) -> None:
        await self.tell_status()
        try:
            async with asyncio.timeout(settings.ASSISTANT_TIMEOUT_SECONDS):
                answer = await self.find_answer()
        except TimeoutError:
            await self.forget()
            await tell_asker(
                self.socket, "error", error=TIMED_OUT, content=TIMED_OUT, code="ASSISTANT_TIMEOUT"
            )
        except Exception:
            await self.forget()
            raise  # the chat's own rim logs it and tells the asker
        else:
            await self.post(answer)

    async def tell_status(self) -> None:
        intent = self.question.intent
        description = DESCRIPTIONS[intent]
        await tell_asker(
            self.socket, "status", status="processing", intent=intent, description=description
        )

    async def find_answer(self) -> Answer:
        async with take_turn():
            grounding = await database_sync_to_async(ground, thread_sensitive=False)(
                self.socket.identity,
                self.socket.session_id,
                self.question,
                self.message.pk,
                measure_room(settings.LLM_MAX_TOKENS),
            )
        return await compose(grounding, self.socket.session_id, self.kind, self.tell, self.forget)

    async def tell(self, delta: str) -> None:
        self.has_told = True
        self.socket.tell_all("message_delta", message_id=str(self.message_id), delta=delta)

    async def forget(self) -> None:
        """What was streamed is void; a message of the same id may still come."""
        if self.has_told:
            self.has_told = False
            self.socket.tell_all(
                "message_delta", message_id=str(self.message_id), delta="", reset=True
            )

    async def post(self, answer: Answer) -> None:
        sources = list_sources(answer.cited)
        metadata = {
            "sources": sources,
            "intent": answer.intent,
            "rag_used": bool(sources),
            "engine": answer.engine,
            "found": answer.is_found,
            "dropped": answer.dropped,
            "reply_to": str(self.message.pk),
        }
        store = database_sync_to_async(messages.post_assistant_message, thread_sensitive=False)
        with suppress(NotFound):  # the room was deleted meanwhile
            await store(self.socket.session_id, answer.text, metadata, self.message_id)
