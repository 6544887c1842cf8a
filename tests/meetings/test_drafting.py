import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from chat.models import Event
from meetings import drafting, media, services, transcripts
from meetings.models import AudioChunk, Meeting
from tests.factories import cut_sample, make_silence, read_reference, send_chunk
from transcription.scoring import wer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def read_text(meeting: Meeting) -> str:
    return transcripts.read_text(services.get_meeting(meeting.pk))


def test_speech_becomes_draft_text_and_frames(meeting: Meeting) -> None:
    send_chunk(meeting, 0, cut_sample(1)[0])
    assert drafting.transcribe_chunk(meeting.pk, 0)
    chunk = AudioChunk.objects.get()
    assert (chunk.state, chunk.engine, chunk.samples) == ("transcribed", "pocketsphinx", 163_840)
    assert "good morning" in read_text(meeting)
    types = set(Event.objects.values_list("type", flat=True))
    assert types == {"meeting", "chunk", "segment"}


def test_chunks_sent_in_reverse_give_the_text_in_order(
    meeting: Meeting, work_off: Callable[[], None]
) -> None:
    for index, data in reversed(list(enumerate(cut_sample(3)))):
        send_chunk(meeting, index, data)
    work_off()
    in_order = AudioChunk.objects.order_by("index").values_list("text", flat=True)
    assert read_text(meeting) == " ".join(in_order)
    assert services.get_meeting(meeting.pk).chunks_processed == 3


def test_silence_is_processed_without_text(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_silence(2))
    drafting.transcribe_chunk(meeting.pk, 0)
    assert AudioChunk.objects.get().state == "silent"
    assert read_text(meeting) == ""


def test_what_is_no_audio_is_kept_and_failed_with_its_reason(meeting: Meeting) -> None:
    send_chunk(meeting, 0, b"this is a letter, not a sound")
    drafting.transcribe_chunk(meeting.pk, 0)
    chunk = AudioChunk.objects.get()
    assert chunk.state == "failed"
    assert "not a sound file" in chunk.error
    assert media.read_chunk(chunk) == b"this is a letter, not a sound"
    assert services.get_meeting(meeting.pk).is_recording


def test_a_file_that_was_tampered_with_is_not_transcribed(meeting: Meeting) -> None:
    chunk = send_chunk(meeting, 0, cut_sample(1)[0]).chunk
    with open(media.get_storage().path(chunk.name), "r+b") as file:
        file.seek(1000)
        file.write(b"other")
    drafting.transcribe_chunk(meeting.pk, 0)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.error) == (
        "failed",
        "The file of this chunk was changed after it was accepted.",
    )


def test_a_job_that_runs_twice_transcribes_once(meeting: Meeting) -> None:
    send_chunk(meeting, 0, make_silence())
    assert drafting.transcribe_chunk(meeting.pk, 0)
    assert not drafting.transcribe_chunk(meeting.pk, 0)
    assert services.get_meeting(meeting.pk).chunks_processed == 1


def test_an_engine_that_is_away_leaves_the_chunk_for_another_try(
    meeting: Meeting, settings: Settings
) -> None:
    settings.SPEECH_ENGINES = ()
    settings.LEASE_SECONDS = 20
    send_chunk(meeting, 0, cut_sample(1)[0])
    drafting.transcribe_chunk(meeting.pk, 0)
    chunk = AudioChunk.objects.get()
    assert chunk.state == "failed"
    assert "SPEECH_ENGINES" in chunk.error


def test_a_result_after_the_lease_was_lost_is_dropped(meeting: Meeting) -> None:
    chunk = send_chunk(meeting, 0, make_silence()).chunk
    row = AudioChunk.objects.filter(pk=chunk.pk)
    row.claim()
    outcome = drafting.Outcome("silent")
    assert not drafting.record_outcome(chunk, row, "a token of long ago", outcome)
    assert row.get().state == "stored"


def test_draft_comes_from_rows_where_redis_lost_it(
    meeting: Meeting, work_off: Callable[[], None], redis_server: object
) -> None:
    send_chunk(meeting, 0, cut_sample(1)[0])
    work_off()
    before = read_text(meeting)
    redis_server.flushdb()  # type: ignore[attr-defined]
    assert read_text(meeting) == before != ""


def test_words_around_the_cuts_are_said_once(
    meeting: Meeting, work_off: Callable[[], None]
) -> None:
    for index, data in enumerate(cut_sample(5)):
        send_chunk(meeting, index, data)
    work_off()
    said = " ".join(one["text"] for one in read_reference()["utterances"] if one["end"] < 51.2)
    errors = wer(said, read_text(meeting))  # the text goes on into an utterance that is cut off
    assert (errors.substitutions + errors.deletions) / errors.words < 0.06


def test_a_neighbour_heard_later_revises_the_text_before_it(meeting: Meeting) -> None:
    first, second = cut_sample(2, first=11)
    send_chunk(meeting, 0, first)
    drafting.transcribe_chunk(meeting.pk, 0)
    alone = AudioChunk.objects.get(index=0)
    send_chunk(meeting, 1, second)
    drafting.transcribe_chunk(meeting.pk, 1)
    revised = AudioChunk.objects.get(index=0)
    assert revised.heard == alone.heard
    texts = " ".join(AudioChunk.objects.order_by("index").values_list("text", flat=True))
    assert read_text(meeting) == texts
    frames = [json.loads(event.frame) for event in Event.objects.filter(type="segment")]
    newest: dict[str, dict[str, Any]] = {frame["id"]: frame for frame in frames}
    shown = [frame["text"] for _, frame in sorted(newest.items()) if frame["state"] != "removed"]
    assert " ".join(shown) == texts
