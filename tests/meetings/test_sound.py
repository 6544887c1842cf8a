"""Pieces of a MediaRecorder, as Chromium really made them, through the whole meeting."""

import numpy as np
import pytest
from pytest_django import Settings

from meetings import drafting, media, pipeline, services
from meetings.models import AudioChunk, Meeting
from meetings.recording import list_gaps
from tests.factories import make_tone, send_chunk
from tests.transcription.recordings import MP4, WEBM, load_pieces
from transcription.audio import Samples, decode, join
from transcription.fragments import decode_stream, find_init

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def decode_whole(name: str) -> Samples:
    pieces = load_pieces(name)
    return join(decode_stream(find_init(pieces[0]) or b"", pieces)).samples


def finish(meeting: Meeting) -> Samples:
    """The samples of the stored recording."""
    services.end_recording(meeting.pk, actor="test")
    assert pipeline.process_meeting(meeting.pk)
    with media.get_storage().open(services.get_meeting(meeting.pk).recording_name) as file:
        return decode(file.read()).samples


@pytest.mark.parametrize("name", [WEBM, MP4])
@pytest.mark.parametrize("order", [1, -1])
def test_pieces_in_any_order_are_the_whole_recording(
    meeting: Meeting, name: str, order: int
) -> None:
    pieces = list(enumerate(load_pieces(name)))[::order]
    for index, data in pieces:
        send_chunk(meeting, index, data)
        drafting.transcribe_chunk(meeting.pk, index)
    assert np.array_equal(finish(meeting), decode_whole(name))
    assert len(services.get_meeting(meeting.pk).transcript.split()) > 5


def test_a_piece_before_the_first_waits_for_it(meeting: Meeting) -> None:
    first, second, *_ = load_pieces(WEBM)
    send_chunk(meeting, 1, second)
    assert not drafting.transcribe_chunk(meeting.pk, 1)
    row = AudioChunk.objects.filter(index=1)
    assert row.get().state == "stored"
    send_chunk(meeting, 0, first)
    row.update(retry_at=None)
    assert drafting.transcribe_chunk(meeting.pk, 1)
    assert row.get().samples


def test_pieces_whose_first_never_came_are_kept_and_read_when_it_does(meeting: Meeting) -> None:
    first, *others = load_pieces(WEBM)
    for index, data in enumerate(others, start=1):
        send_chunk(meeting, index, data)
    services.end_recording(meeting.pk, actor="test")
    pipeline.process_meeting(meeting.pk)
    assert set(meeting.chunks.values_list("error_code", flat=True)) == {"no_header"}
    assert send_chunk(meeting, 0, first).chunk.is_late
    pipeline.process_meeting(meeting.pk)
    again = services.get_meeting(meeting.pk)
    assert set(again.chunks.values_list("error_code", flat=True)) == {""}
    assert again.chunks_processed == again.total_chunks == len(others) + 1
    with media.get_storage().open(again.recording_name) as file:
        assert np.array_equal(decode(file.read()).samples, decode_whole(WEBM))


def test_a_lost_piece_is_a_hole_and_the_rest_stays(meeting: Meeting) -> None:
    pieces = load_pieces(WEBM)
    for index, data in enumerate(pieces):
        if index != 1:
            send_chunk(meeting, index, data)
    samples = finish(meeting)
    assert [gap["first_index"] for gap in list_gaps(meeting)] == [1]
    lengths = [chunk.samples or 0 for chunk in meeting.chunks.all()]
    assert len(samples) == sum(lengths) + max(lengths)
    assert samples[-lengths[-1] :].any()


def test_nonsense_after_plain_files_is_failed_at_once(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_tone())
    send_chunk(meeting, 1, b"no sound at all")
    assert drafting.transcribe_chunk(meeting.pk, 1)
    assert AudioChunk.objects.get(index=1).error_code == "bad_audio"


def test_recording_can_be_kept_as_opus(meeting: Meeting, settings: Settings) -> None:
    settings.RECORDING_FORMAT = "opus"
    send_chunk(meeting, 0, make_tone(2.0))
    samples = finish(meeting)
    assert services.get_meeting(meeting.pk).recording_name.endswith(".ogg")
    assert abs(len(samples) - 32_000) < 200
