"""Two hundred viewers lose the web process together and come back together."""

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.proof import check_meeting
from tests.faults.recorder import SteadyRecorder
from tests.faults.sounds import encode, make_tones
from tests.faults.trial import Trial
from tests.faults.world import World

pytestmark = pytest.mark.faults

VIEWERS = 200
STORM_SECONDS = 15.0  # the contract's client gives up after five tries, 3 s apart


async def open_socket(world: World, meeting_id: str) -> ClientConnection:
    """Tries at once and then every half second, as impatient as a viewer can be."""
    address = world.url.replace("http", "ws") + f"/ws/chat/{meeting_id}"
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
