import psutil
import pytest

from bench.parts import stop
from bench.recorder import open_client
from bench.service import running_service


async def test_meeting_is_recorded_heard_and_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "CHUNKS", 2)
    monkeypatch.setattr(stop, "WARM_UP_CHUNKS", 1)
    with running_service() as server:
        ending = await stop.record_hour(server)
        async with open_client(server.url) as client:
            meetings = (await client.get("/api/meetings")).json()["results"]
    assert [meeting["status"] for meeting in meetings] == ["completed", "recording"]
    assert 0 < ending.answer < ending.finishing
    assert ending.cpu > 0
    assert all(ending.most[name] >= mib for name, mib in ending.recorded.items())
    rows = stop.build_memory_table(ending).rows
    assert [row["process"] for row in rows] == ["web", "live worker", "pipeline worker"]


def test_cpu_of_ended_children_counts() -> None:
    process = psutil.Process()
    before = stop.read_cpu(process)
    psutil.Popen(["python3", "-c", "sum(range(3_000_000))"]).wait()
    assert stop.read_cpu(process) >= before + 0.02
