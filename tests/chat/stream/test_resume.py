"""Whoever was away gets what was missed, once and in order, and then what is new."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chat import events
from chat.frames import FrameText
from chat.models import Conversation, Event
from chat.services import open_conversation
from chat.stream import replay
from chat.stream.replay import look_up_missed, read_events
from tests.chat.stream.rooms import ROOM, count, enter, happen, leave, let_happen, read_seqs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _room(db: None) -> None:
    open_conversation(ROOM)


async def test_missed_events_are_replayed_and_new_ones_follow() -> None:
    await let_happen(0, 1, 2, 3)
    socket = await enter("?last_seq=1")
    assert await read_seqs(socket, 4) == [2, 3, 4]
    resumed = await socket.read_type("resumed")
    assert (resumed["from_seq"], resumed["to_seq"], resumed["gap"]) == (2, 4, False)
    await let_happen(4)
    assert (await socket.read_type("chunk"))["seq"] == 5
    await leave(socket)


async def test_socket_without_last_seq_gets_only_what_is_new() -> None:
    await let_happen(0, 1)
    socket = await enter()
    assert (await socket.read_type("system"))["metadata"]["last_seq"] == 2
    await let_happen(2)
    assert (await socket.read_type("chunk"))["seq"] == 3
    await leave(socket)


async def test_resume_frame_does_the_same_on_an_open_socket() -> None:
    await let_happen(0, 1, 2)
    socket = await enter()
    await socket.say(type="resume", last_seq=0)
    assert await read_seqs(socket, 3) == [1, 2, 3]
    assert (await socket.read_type("resumed"))["gap"] is False
    await leave(socket)


async def test_too_long_away_is_a_gap_and_the_socket_goes_on(settings: LazySettings) -> None:
    settings.RESUME_MAX_EVENTS = 2
    await let_happen(0, 1, 2, 3)
    socket = await enter("?last_seq=0")
    resumed = await socket.read_type("resumed")
    assert (resumed["from_seq"], resumed["to_seq"], resumed["gap"]) == (1, 4, True)
    await let_happen(4)
    assert (await socket.read_type("chunk"))["seq"] == 5
    await leave(socket)


async def test_pruned_events_are_a_gap() -> None:
    await let_happen(0, 1, 2)
    await Event.objects.filter(seq=2).adelete()
    socket = await enter("?last_seq=1")
    assert (await socket.read_type("resumed"))["gap"] is True
    await leave(socket)


async def test_future_that_never_was_is_a_gap() -> None:
    await let_happen(0)
    socket = await enter("?last_seq=900")
    resumed = await socket.read_type("resumed")
    assert (resumed["to_seq"], resumed["gap"]) == (1, True)
    await leave(socket)


@pytest.mark.parametrize("wrong", ["x", -1, None, 1.5, True, [1], 10**30])
async def test_resume_frame_that_makes_no_sense_is_answered(wrong: Any) -> None:
    socket = await enter()
    await socket.say(type="resume", last_seq=wrong)
    assert (await socket.read_type("error"))["code"] == "INVALID_MESSAGE"
    await socket.say(type="ping")
    await socket.read_type("pong")
    await leave(socket)


async def test_events_during_a_resume_come_once_and_in_order() -> None:
    await let_happen(*range(30))
    sockets = [await enter(f"?last_seq={seq}") for seq in (0, 10, 29)]
    await asyncio.gather(*(let_happen(number) for number in range(30, 40)))
    for socket, first in zip(sockets, (1, 11, 30), strict=True):
        assert await read_seqs(socket, 40) == count(first, 40)
    await leave(*sockets)


async def test_published_frames_that_are_lost_are_read_from_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every second doorbell is lost, on the way through the process and through Redis."""
    socket = await enter()
    real = events.publish

    def publish(session_id: str, frames: Sequence[FrameText], *more: Any) -> None:
        if frames[0].seq % 2 or not frames[0].seq:
            real(session_id, frames, *more)

    monkeypatch.setattr(events, "publish", publish)
    await let_happen(*range(9))
    assert await read_seqs(socket, 9) == count(1, 9)
    await leave(socket)


async def test_last_frame_that_is_lost_is_found_by_the_look_at_the_log(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.STREAM_CHECK_SECONDS = 0.2
    socket = await enter()
    monkeypatch.setattr(events, "publish", lambda *_: None)
    await let_happen(0)
    assert await read_seqs(socket, 1) == [1]
    await leave(socket)


async def test_gap_is_read_once_for_all_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    sockets = [await enter() for _ in range(4)]
    reads: list[tuple[Any, ...]] = []
    real = replay.read_events

    def read(*args: Any) -> Any:
        reads.append(args)
        return real(*args)

    monkeypatch.setattr(replay, "read_events", read)
    with monkeypatch.context() as lost:
        lost.setattr(events, "publish", lambda *_: None)
        await let_happen(0, 1)
    await let_happen(2)
    for socket in sockets:
        assert await read_seqs(socket, 3) == [1, 2, 3]
    assert len(reads) == 1
    await leave(*sockets)


def fold(state: dict[int, int], frames: list[str]) -> dict[int, int]:
    """A viewer's picture: how often each chunk was told of, by its index."""
    for text in frames:
        index = json.loads(text)["chunk_index"]
        state = {**state, index: state.get(index, 0) + 1}
    return state


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    cut=st.integers(0, 12),
    page=st.integers(1, 5),
)
def test_snapshot_and_events_are_the_later_snapshot(
    numbers: list[int], cut: int, page: int
) -> None:
    Conversation.objects.filter(pk=ROOM).delete()
    open_conversation(ROOM)
    happen(*numbers)
    cut = min(cut, len(numbers))
    told = [frame.text for frame in read_events(ROOM, 0, len(numbers), limit=100)]
    snapshot = fold({}, told[:cut])
    missed = look_up_missed(ROOM, cut)
    after: list[str] = []
    while len(after) < missed.to_seq - cut:
        found = read_events(ROOM, cut + len(after), missed.to_seq, limit=page)
        after += [frame.text for frame in found]
    assert missed.is_replayable
    assert fold(snapshot, after) == fold({}, told)


async def test_transcript_choice_leaves_out_what_was_not_asked_for() -> None:
    def change() -> None:
        with events.record(ROOM) as log:
            segment = {"id": "t0", "rev": 1, "start_ms": 0, "end_ms": 9, "speaker": None}
            log.append(
                "segment", state="final", text="hi", confidence=None, kind="speech", **segment
            )
            counts = {"chunks_processed": 1, "total_chunks": 1, "transcript_length": 2}
            log.announce(
                "transcript_update", event="transcript_updated", content="hi", metadata=counts
            )
            log.append("meeting", state="stopped")

    full, delta, off = [await enter(f"?transcript={name}") for name in ("full", "delta", "off")]
    await sync_to_async(change, thread_sensitive=False)()
    seen = {}
    for name, socket in (("full", full), ("delta", delta), ("off", off)):
        kinds: list[str] = []
        while "meeting" not in kinds:
            kinds.append((await socket.read())["type"])
        seen[name] = [kind for kind in kinds if kind != "system"]
    assert seen == {
        "full": ["segment", "transcript_update", "meeting"],
        "delta": ["segment", "meeting"],
        "off": ["meeting"],
    }
    await leave(full, delta, off)
