"""A meeting, a talk and every mistake a client can make: each frame is as the file describes it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chat import messages, services
from chat.erasing import clear_messages
from chat.frames import write_frame
from chat.models import Message
from chat.server_frames import SERVER_FRAMES
from chat.stream.socket import RoomSocket
from intellibooks.identity import Identity
from meetings import services as meetings
from meetings.models import Meeting
from tests.chat.sockets import Socket
from tests.contract.frames import verify_asked, verify_told
from tests.factories import cut_sample, make_silence, send_chunk
from tests.intellibooks.auth.sockets import in_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

ALICE = Identity(user_id="alice")
MISTAKES = ("no json", "[]", '{"type": "resume"}', '{"content": 7}', '{"type": "edit"}', "{}")


class Listener(Socket):
    """Remembers every frame it got, presence too, held against the description."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.heard: list[dict[str, Any]] = []

    async def read(self) -> dict[str, Any]:
        frame = await super().read()
        self.heard.append(frame)
        return frame

    async def ask(self, **frame: Any) -> None:
        verify_asked(frame)
        await self.say(**frame)

    async def settle(self) -> None:
        """Everything that is on its way has come once the pong has."""
        await asyncio.sleep(0.15)
        await self.ask(type="ping")
        await self.read_type("pong")

    def verify(self) -> set[str]:
        """The types it was sent."""
        for frame in self.heard + self.presence:
            verify_told(frame)
        return {frame["type"] for frame in self.heard + self.presence}


async def answer(socket: RoomSocket, message: Message, kind: str) -> None:
    """What the assistant's way through the socket is, without one: the same three calls."""
    if kind != "smart":
        return
    await socket.reply("status", status="processing", intent="summary", description="Looking")
    socket.tell_all("message_delta", message_id=str(message.pk), delta="So")
    await in_database(messages.post_assistant_message, socket.session_id, "So it is.")


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> None:
    media = {**settings.STORAGES["media"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": media}
    settings.CHAT_RESPONDER = f"{__name__}.answer"


async def talk(alice: Listener, bob: Listener) -> None:
    await alice.ask(type="typing")
    await alice.ask(type="message", content="helo", client_id="c-1", at_ms=100, metadata={"x": 1})
    ack = await alice.read_type("ack")
    await alice.ask(type="edit", message_id=ack["message_id"], content="hello")
    await alice.ask(type="smart", content="what was said?")
    await alice.read_type("message")
    await bob.read_type("message_edited")
    await bob.ask(type="read", seq=1)
    await bob.ask(type="history", limit=10)
    await bob.read_type("history")
    await alice.ask(type="delete", message_id=ack["message_id"])
    await alice.read_type("message_deleted")
    for mistake in MISTAKES:
        await bob.send_to(mistake)
        await bob.read_type("error")
    await bob.send_input({"type": "websocket.receive", "bytes": b"\x00"})
    await bob.read_type("error")
    await bob.ask(type="resume", last_seq=0)
    await bob.read_type("resumed")
    await bob.ask(type="resume", last_seq=10**9)
    assert (await bob.read_type("resumed"))["gap"]


def record_and_process(meeting: Meeting, work_off: Callable[[], None]) -> None:
    """Speech, silence, something that is no sound, and a hole."""
    for index, data in enumerate((*cut_sample(1), make_silence(), b"no sound at all")):
        send_chunk(meeting, index, data)
    send_chunk(meeting, 4, make_silence(2.0))
    work_off()
    meetings.end_recording(meeting.pk, actor="test")
    work_off()
    assert meetings.get_meeting(meeting.pk).status == Meeting.Status.COMPLETED


def tidy(room: str) -> None:
    services.rename_session(ALICE, room, "Weekly")
    clear_messages(room)


async def come(room: str) -> tuple[Listener, Listener]:
    alice, bob = (Listener(f"/ws/chat/{room}?user_id={name}") for name in ("alice", "bob"))
    await alice.open()
    await bob.open()
    await talk(alice, bob)
    return alice, bob


async def come_late(room: str) -> Listener:
    carol = Listener(f"/ws/chat/{room}?user_id=carol&last_seq=0")
    await carol.open()
    await carol.read_type("resumed")
    return carol


async def leave(alice: Listener, bob: Listener, carol: Listener) -> set[str]:
    """The types that they were sent, all in all."""
    await bob.settle()
    await bob.disconnect()
    await alice.read_presence(2)
    await alice.settle()
    seen = alice.verify() | bob.verify() | carol.verify()
    await carol.disconnect()
    await alice.disconnect()
    await asyncio.sleep(0.1)  # what they left behind is told of
    await sync_to_async(connections.close_all)()
    return seen


def test_every_frame_is_as_described(work_off: Callable[[], None]) -> None:
    meeting = meetings.start_meeting()
    with asyncio.Runner() as runner:  # stands still while the worker has this thread
        alice, bob = runner.run(come(meeting.pk))
        record_and_process(meeting, work_off)
        tidy(meeting.pk)
        carol = runner.run(come_late(meeting.pk))
        seen = runner.run(leave(alice, bob, carol))
    assert seen == SERVER_FRAMES.keys()


def test_a_frame_that_nobody_described_is_found() -> None:
    frame = json.loads(write_frame("novelty", "session-1").text)
    with pytest.raises(AssertionError, match="novelty"):
        verify_told(frame)
    stray = json.loads(write_frame("pong", "session-1", mood="fine").text)
    with pytest.raises(AssertionError, match="mood"):
        verify_told(stray)
