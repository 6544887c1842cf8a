"""Viewers lose the web process together, or their subscriptions again and again."""

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.cluster import watching
from tests.faults.proof import check_meeting
from tests.faults.recorder import Recording, SteadyRecorder
from tests.faults.sounds import encode, make_tones
from tests.faults.trial import Trial
from tests.faults.world import World, wait_for

pytestmark = pytest.mark.faults

VIEWERS = 200
STORM_SECONDS = 15.0  # the contract's client gives up after five tries, 3 s apart


async def open_socket(world: World, meeting_id: str) -> ClientConnection:
    """Tries at once and then every half second, as impatient as a viewer can be."""
    address = world.pick_url().replace("http", "ws") + f"/ws/chat/{meeting_id}"
    while True:
        try:
            return await connect(address, open_timeout=20, max_queue=None)
        except (OSError, WebSocketException):
            await asyncio.sleep(0.5)


async def read_chunk_frame(viewer: ClientConnection, index: int) -> dict[str, Any]:
    """The frame that tells of the arrival of this chunk."""
    while True:
        frame: dict[str, Any] = json.loads(await viewer.recv())
        if frame["type"] == "chunk" and frame["chunk_index"] == index:
            return frame


async def open_all(world: World, meeting_id: str) -> list[ClientConnection]:
    return await asyncio.gather(*(open_socket(world, meeting_id) for _ in range(VIEWERS)))


async def watch_chunk(
    viewers: list[ClientConnection], recorder: SteadyRecorder, meeting_id: str, index: int
) -> set[int]:
    """The event numbers under which the viewers learnt of a chunk sent now."""
    readers = [asyncio.create_task(read_chunk_frame(viewer, index)) for viewer in viewers]
    data = encode(make_tones(index + 1))[index]
    await asyncio.to_thread(recorder.send, meeting_id, index, data)
    async with asyncio.timeout(20):
        return {frame["seq"] for frame in await asyncio.gather(*readers)}


async def lose_and_return(trial: Trial, world: World, recorder: SteadyRecorder) -> str:
    meeting_id = recorder.start()
    viewers = await open_all(world, meeting_id)
    assert len(await watch_chunk(viewers, recorder, meeting_id, 0)) == 1
    await asyncio.to_thread(world.kill, "web")
    trial.inject(VIEWERS)
    started = time.monotonic()
    returned = await open_all(world, meeting_id)
    assert len(await watch_chunk(returned, recorder, meeting_id, 1)) == 1
    trial.note_healed(time.monotonic() - started, STORM_SECONDS)
    await asyncio.gather(*(viewer.close() for viewer in (*viewers, *returned)))
    return meeting_id


@pytest.mark.fault("web killed under 200 sockets, which return at once")
async def test_storm_of_viewers_does_not_keep_a_chunk_out(trial: Trial) -> None:
    with World() as world:
        recorder = SteadyRecorder(world)
        meeting_id = await lose_and_return(trial, world, recorder)
        await asyncio.to_thread(recorder.finish, meeting_id)
        check_meeting(trial, recorder, meeting_id, make_tones(2))
        assert "Traceback" not in world.output


@pytest.mark.fault("subscriptions of all viewers cut again and again")
def test_viewers_miss_nothing_while_their_subscriptions_are_cut(trial: Trial) -> None:
    pieces = make_tones(30)
    with World() as world:
        recorder = SteadyRecorder(world)
        meeting_id = recorder.start()
        ports = [machine.port for machine in world.machines]
        recording = Recording(recorder, encode(pieces), meeting_id=meeting_id)
        with watching(ports, meeting_id, 6) as viewers, world.redis() as redis:
            with recording:
                while recording.is_alive():
                    trial.inject(int(redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")))
                    time.sleep(0.1)
            recorder.finish(meeting_id)
            ((last,),) = world.query(
                "SELECT last_seq FROM chat_conversation WHERE id = ?", meeting_id
            )
            with trial.healing(STORM_SECONDS):
                wait_for(lambda: all(viewer.seqs[-1:] == [last] for viewer in viewers), 60)
        for viewer in viewers:
            assert viewer.seqs == list(range(viewer.seqs[0], last + 1))
            assert viewer.closed == []
        assert trial.injected > len(pieces)
        check_meeting(trial, recorder, meeting_id, pieces)
