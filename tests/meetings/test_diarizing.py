from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from meetings import pipeline, services, speakers
from meetings.diarizing import decode_turns, find_turns, place_speakers
from meetings.models import Meeting, Segment, StageResult
from tests.factories import cut_sample, make_tone, send_chunk
from tests.meetings.scripted_diarizer import ScriptedDiarizer
from transcription.diarization import base
from transcription.types import Segment as Heard
from transcription.types import SpeakerTurn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def diarizer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[ScriptedDiarizer]]:
    path = f"{ScriptedDiarizer.__module__}.{ScriptedDiarizer.__name__}"
    monkeypatch.setitem(base.DIARIZERS, "scripted", path)
    settings.DIARIZER = "scripted"
    settings.FINAL_TRANSCRIPTION = "never"  # the draft's words will do
    ScriptedDiarizer.turns = [SpeakerTurn(0, 4, "b"), SpeakerTurn(4, 20, "a")]
    ScriptedDiarizer.problem = ""
    ScriptedDiarizer.heard_seconds.clear()
    base.forget_diarizers()
    yield ScriptedDiarizer
    base.forget_diarizers()


@pytest.fixture
def recorded() -> Meeting:
    """Two chunks of real speech, stopped and not yet processed."""
    meeting = services.start_meeting()
    for index, data in enumerate(cut_sample(2)):
        send_chunk(meeting, index, data)
    return services.end_recording(meeting.pk, actor="client")


def process(meeting: Meeting) -> Meeting:
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


def process_again(meeting: Meeting) -> Meeting:
    generation = meeting.generation + 1
    Meeting.objects.filter(pk=meeting.pk).update(status="processing", generation=generation)
    return process(meeting)


def list_shown(meeting: Meeting) -> list[str]:
    """The speakers in order, each once where they change."""
    shown = list(meeting.segments.filter(kind="speech").values_list("speaker", flat=True))
    return [name for place, name in enumerate(shown) if place == 0 or shown[place - 1] != name]


def test_speakers_appear_in_the_segments(
    recorded: Meeting, diarizer: type[ScriptedDiarizer]
) -> None:
    meeting = process(recorded)
    assert list_shown(meeting) == ["Speaker 1", "Speaker 2"]
    assert diarizer.heard_seconds == [pytest.approx(20.48)]
    stage = StageResult.objects.get(meeting=meeting, name="diarize")
    assert (stage.status, stage.engine, stage.result["speakers"]) == ("completed", "scripted", 2)


def test_no_word_is_lost_where_segments_are_cut(
    recorded: Meeting, settings: Settings, diarizer: type[ScriptedDiarizer]
) -> None:
    settings.DIARIZER = "none"
    whole = process(recorded).transcript
    settings.DIARIZER = "scripted"
    diarizer.turns = [SpeakerTurn(at, at + 1, "ab"[at % 2]) for at in range(20)]
    assert process_again(recorded).transcript == whole


def test_names_and_assignments_survive_processing_again(
    recorded: Meeting, diarizer: type[ScriptedDiarizer]
) -> None:
    meeting = process(recorded)
    speakers.rename_speaker(meeting, "Speaker 2", "Bob")
    last = meeting.segments.last()
    assert last is not None
    speakers.assign_segments(meeting, [last.key], "Dora")
    # Heard the other way round, with a third voice in front.
    diarizer.turns = [
        SpeakerTurn(0, 0.8, "new"),
        SpeakerTurn(0.8, 4, "y"),
        SpeakerTurn(4, 20, "x"),
    ]
    again = process_again(meeting)
    assert list_shown(again) == ["Speaker 3", "Speaker 1", "Bob", "Dora"]


def test_failed_diarizer_hides_nothing_else(
    recorded: Meeting, diarizer: type[ScriptedDiarizer]
) -> None:
    diarizer.problem = "memory ran out"
    meeting = process(recorded)
    stages = dict(StageResult.objects.filter(meeting=meeting).values_list("name", "status"))
    assert stages.pop("diarize") == "failed"
    assert set(stages.values()) == {"completed"}
    assert list_shown(meeting) == [""]
    assert "memory ran out" in StageResult.objects.get(meeting=meeting, name="diarize").error


def test_failed_diarizer_keeps_the_speakers_of_before(
    recorded: Meeting, diarizer: type[ScriptedDiarizer]
) -> None:
    meeting = process(recorded)
    diarizer.problem = "memory ran out"
    assert list_shown(process_again(meeting)) == ["Speaker 1", "Speaker 2"]


def test_reason_is_in_the_result_where_nobody_tells_speakers_apart(
    recorded: Meeting, settings: Settings
) -> None:
    settings.DIARIZER = "none"
    process(recorded)
    stage = StageResult.objects.get(meeting=recorded, name="diarize")
    assert (stage.status, stage.result) == (
        "completed",
        {"engine": "none", "reason": "DIARIZER is none"},
    )


def test_speakers_of_the_speech_engine_count(settings: Settings) -> None:
    settings.DIARIZER = "auto"
    heard = [Heard(3, 4, "yes", speaker="Speaker 2"), Heard(0, 2, "so", speaker="Speaker 5")]
    found = find_turns(services.start_meeting(), heard=heard, engine="deepgram")
    assert (found["engine"], found["speakers"]) == ("deepgram", 2)
    assert decode_turns(found) == [SpeakerTurn(0, 2, "Speaker 1"), SpeakerTurn(3, 4, "Speaker 2")]


def test_meeting_without_a_recording_has_no_speakers() -> None:
    result = find_turns(services.start_meeting())
    assert result == {"engine": "none", "reason": "there is no recording"}


def test_missing_audio_has_no_speaker() -> None:
    meeting = services.start_meeting()
    hole = Segment(meeting=meeting, key="1", kind="missing", start_ms=0, end_ms=9000, text="[gone]")
    assert place_speakers(meeting, [hole], [SpeakerTurn(0, 9, "Speaker 1")]) == [hole]
    assert hole.speaker == ""


def test_tones_have_turns_and_no_segment(diarizer: type[ScriptedDiarizer]) -> None:
    meeting = services.start_meeting()
    send_chunk(meeting, 0, make_tone(2))
    meeting = process(services.end_recording(meeting.pk, actor="client"))
    assert not meeting.segments.exists()


@pytest.mark.diarization
@pytest.mark.timeout(600)
def test_real_pipeline_gives_every_segment_a_speaker(settings: Settings, tmp_path: Path) -> None:
    from tests.transcription.diarization.tiny_pipeline import make_pipeline  # noqa: PLC0415
    from transcription.diarization.torchaudio_shim import ensure_torchaudio  # noqa: PLC0415

    ensure_torchaudio()
    settings.DIARIZER, settings.DIARIZATION_PIPELINE = "auto", str(make_pipeline(tmp_path))
    meeting = services.start_meeting()
    send_chunk(meeting, 0, cut_sample(1)[0])
    meeting = process(services.end_recording(meeting.pk, actor="client"))
    stage = StageResult.objects.get(meeting=meeting, name="diarize")
    assert (stage.status, stage.engine) == ("completed", "pyannote")
    assert list_shown(meeting) == ["Speaker 1"]
