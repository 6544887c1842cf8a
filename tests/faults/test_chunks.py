"""What clients and networks do to chunks: order, doubles, holes, damage, and stops at any time."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import numpy as np
import pytest

from tests.faults.proof import check_meeting, check_sound
from tests.faults.recorder import SteadyRecorder
from tests.faults.sounds import cut_speech, encode, make_tones, mix_meeting
from tests.faults.trial import Trial
from tests.faults.world import World
from transcription.audio import Audio

pytestmark = pytest.mark.faults

CLIENTS = 8
SEED = 20_261_123


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def recorder(world: World) -> SteadyRecorder:
    return SteadyRecorder(world)


def do_at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers of all, begun together."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def post(recorder: SteadyRecorder, meeting_id: str, index: int, data: bytes) -> httpx.Response:
    """One upload, whatever the answer."""
    return recorder.http.post(
        f"{recorder.world.pick_url()}/api/meetings/{meeting_id}/chunk",
        files={"audio_chunk": ("chunk.wav", data, "audio/wav")},
        data={"chunk_index": str(index)},
    )


def post_stop(recorder: SteadyRecorder, meeting_id: str) -> httpx.Response:
    return recorder.http.post(f"{recorder.world.pick_url()}/api/meetings/{meeting_id}/stop")


def silence(piece: Audio) -> Audio:
    return Audio(np.zeros_like(piece.samples))


@pytest.mark.fault("chunks shuffled, doubled, delayed, by four clients at once")
def test_any_order_and_any_number_of_times_is_one_meeting(
    trial: Trial, recorder: SteadyRecorder
) -> None:
    pieces = mix_meeting(speech=4, tones=12)
    uploads = 3 * list(enumerate(encode(pieces)))
    dice = random.Random(SEED)  # noqa: S311 - a shuffle
    dice.shuffle(uploads)
    meeting_id = recorder.start()

    def send(upload: tuple[int, bytes]) -> bool:
        time.sleep(0.05 * (upload[0] % 3))
        return bool(recorder.send(meeting_id, *upload)["duplicate"])

    with ThreadPoolExecutor(4) as pool:
        doubles = sum(pool.map(send, uploads))
    trial.inject(len(uploads))
    assert doubles == 2 * len(pieces)
    recorder.finish(meeting_id)
    check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("chunks dropped, found again after the end")
def test_hole_is_silence_and_closes_when_its_chunk_comes(
    trial: Trial, recorder: SteadyRecorder
) -> None:
    pieces = [*cut_speech(2), *make_tones(6, seconds=3.0)]
    dropped = {3, 5, 7}
    meeting_id = recorder.start()
    for index, data in enumerate(encode(pieces)):
        if index not in dropped:
            recorder.send(meeting_id, index, data)
    trial.inject(len(dropped))
    recorder.stop(meeting_id, expected_chunks=len(pieces))
    recorder.wait_completed(meeting_id)
    assert set(recorder.read(meeting_id, "chunks")["missing"]) == dropped
    holed = [silence(one) if index in dropped else one for index, one in enumerate(pieces)]
    check_sound(trial, recorder, meeting_id, holed)
    text = recorder.read(meeting_id, "transcript")["transcript"]
    for index in dropped:
        start = round(sum(piece.duration for piece in pieces[:index]))
        assert f"[missing audio 00:{start}-00:{start + 3}]" in text
    for index in dropped:
        assert recorder.send(meeting_id, index, encode(pieces)[index])["late"]
    recorder.wait_completed(meeting_id)
    check_meeting(trial, recorder, meeting_id, pieces)


@pytest.mark.fault("chunks empty, corrupt, with a taken index and other bytes")
def test_damage_is_kept_aside_and_the_rest_is_whole(
    trial: Trial, recorder: SteadyRecorder, world: World
) -> None:
    pieces = make_tones(6)
    chunks = encode(pieces)
    meeting_id = recorder.start()
    empty = post(recorder, meeting_id, 0, b"")
    assert (empty.status_code, empty.json()["code"]) == (400, "empty_chunk")
    noise = random.Random(SEED).randbytes(20_000)  # noqa: S311 - noise
    for index, data in enumerate(chunks):
        recorder.send(meeting_id, index, noise if index == 2 else data)
        assert recorder.send(meeting_id, index, chunks[index - 1])["conflict"]
    trial.inject(2 + len(chunks))
    recorder.finish(meeting_id)
    check_sound(
        trial,
        recorder,
        meeting_id,
        [silence(one) if i == 2 else one for i, one in enumerate(pieces)],
    )
    ledger = recorder.read(meeting_id, "chunks")
    assert [one["index"] for one in ledger["conflicts"]] == list(range(len(chunks)))
    assert [one["index"] for one in ledger["chunks"] if one["error"]] == [2]
    assert "Traceback" not in world.output


@pytest.mark.fault("eight clients, one index, eight contents")
def test_of_eight_contents_under_one_index_one_is_the_chunk(
    trial: Trial, recorder: SteadyRecorder
) -> None:
    pieces = make_tones(CLIENTS)
    meeting_id = recorder.start()
    answers = do_at_once([partial(post, recorder, meeting_id, 0, data) for data in encode(pieces)])
    trial.inject(CLIENTS)
    winners = [number for number, answer in enumerate(answers) if not answer.json()["conflict"]]
    assert len(winners) == 1
    recorder.send(meeting_id, 0, encode(pieces)[winners[0]])
    recorder.finish(meeting_id)
    check_meeting(trial, recorder, meeting_id, [pieces[winners[0]]])
    assert len(recorder.read(meeting_id, "chunks")["conflicts"]) == CLIENTS - 1


@pytest.mark.fault("eight clients stop one meeting at once, 20 times")
def test_of_eight_stops_at_once_one_wins(trial: Trial, recorder: SteadyRecorder) -> None:
    pieces = make_tones(1)
    meetings = [recorder.start() for _ in range(20)]
    for meeting_id in meetings:
        recorder.send_all(meeting_id, encode(pieces))
        answers = do_at_once(CLIENTS * [partial(post_stop, recorder, meeting_id)])
        trial.inject(CLIENTS)
        assert sorted(answer.status_code for answer in answers) == [200] + (CLIENTS - 1) * [400]
    for meeting_id in meetings:
        recorder.wait_completed(meeting_id)
        check_meeting(trial, recorder, meeting_id, pieces)
        assert count_endings(recorder.world, meeting_id) == 1


def count_endings(world: World, meeting_id: str) -> int:
    ((count,),) = world.query(
        "SELECT count(*) FROM meetings_transition WHERE meeting_id = ? AND new = 'processing'",
        meeting_id,
    )
    return int(count)


@pytest.mark.fault("stop while four chunks are on their way, 20 times")
def test_chunk_answered_beside_a_stop_is_in_the_recording(
    trial: Trial, recorder: SteadyRecorder
) -> None:
    pieces = make_tones(4)
    meetings = [recorder.start() for _ in range(20)]
    for meeting_id in meetings:
        race_stop(recorder, meeting_id, encode(pieces))
        trial.inject()
    for meeting_id in meetings:
        recorder.wait_completed(meeting_id)
        accepted = recorder.accepted[meeting_id]
        recorder.wait_transcribed(meeting_id)
        recorder.wait_completed(meeting_id)
        heard = [
            piece if index in accepted else silence(piece)
            for index, piece in enumerate(pieces)
            if index <= max(accepted)
        ]
        check_sound(trial, recorder, meeting_id, heard)


def race_stop(recorder: SteadyRecorder, meeting_id: str, chunks: list[bytes]) -> None:
    """The first chunk is there; the others and the stop go out together."""
    recorder.send(meeting_id, 0, chunks[0])

    def send(index: int) -> None:
        answer = post(recorder, meeting_id, index, chunks[index])
        if answer.status_code == httpx.codes.OK:
            recorder.note(meeting_id, index, chunks[index])
        else:
            assert answer.json()["code"] == "not_recording", answer.text

    sending = [partial(send, index) for index in range(1, len(chunks))]
    do_at_once([partial(recorder.stop, meeting_id), *sending])
