"""What the stream counts of itself."""

import pytest

from chat.frames import measure_age
from chat.services import open_conversation
from intellibooks.metrics.process import REGISTRY
from tests.chat.stream.rooms import ROOM, enter, leave, let_happen

pytestmark = pytest.mark.django_db(transaction=True)


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture(autouse=True)
def _room(db: None) -> None:
    open_conversation(ROOM)


async def test_open_sockets_are_counted_while_they_are_open() -> None:
    before = read("studio_sockets")
    sockets = [await enter() for _ in range(3)]
    for socket in sockets:
        await socket.read_type("system")
    assert read("studio_sockets") == before + 3
    await leave(*sockets)
    assert read("studio_sockets") == before


async def test_every_delivery_is_counted_and_the_fan_out_timed_once() -> None:
    sockets = [await enter() for _ in range(3)]
    for number, socket in enumerate(sockets, start=1):
        for _ in sockets[number - 1 :]:
            await socket.read_type("system")
    frames, fan_outs = read("studio_frames_sent_total"), read("studio_fanout_seconds_count")
    await let_happen(0)
    for socket in sockets:
        await socket.read_type("chunk")
    assert read("studio_frames_sent_total") - frames >= 3
    assert read("studio_fanout_seconds_count") > fan_outs
    assert read("studio_fanout_seconds_sum") < 60
    await leave(*sockets)


async def test_replayed_frames_are_counted() -> None:
    await let_happen(0, 1, 2)
    frames = read("studio_frames_sent_total")
    socket = await enter("?last_seq=0")
    await socket.read_type("resumed")
    assert read("studio_frames_sent_total") - frames >= 3
    await leave(socket)


def test_age_of_a_frame_is_counted_from_its_stamp() -> None:
    assert measure_age('{"type":"x","timestamp":"2020-01-01T00:00:00.000Z"}') > 1e8
    assert measure_age('{"timestamp":"2999-01-01T00:00:00.000Z"}') == 0
    assert measure_age('{"type":"x"}') == 0
