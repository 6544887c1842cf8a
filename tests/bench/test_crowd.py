import asyncio

from bench.parts.crowd import build_table, record
from bench.service import Server, running_service
from meetings.loadtest.ramp import open_client
from meetings.loadtest.recorder import Target, open_meeting


async def look_at_a_damaged_meeting(server: Server) -> tuple[int, bool, bool]:
    target = Target(server.url)
    async with open_client(target) as http, open_meeting(target, http) as meeting:
        meeting.accepted_at[7] = 0.0  # of which the service knows nothing
        before = await meeting.is_recording()
        await http.post(f"/api/meetings/{meeting.session_id}/stop", json={})
        return await meeting.count_lost(), before, await meeting.is_recording()


def test_crowd_is_recorded_to_the_last_chunk() -> None:
    with running_service() as server:
        step, row = record(server, 3, 1)
        found = asyncio.run(look_at_a_damaged_meeting(server))
    assert (step.meetings, step.chunks, step.lost, step.ended) == (3, 3, 0, 0)
    assert 0 < step.answer_p95 < 5
    assert build_table(row, 1).rows == (row,)
    assert found == (1, True, False)
