"""What whoever starts a meeting asks for reaches the engines, live and at the end."""

import json
from typing import ClassVar

import pytest
from django.test import Client
from pytest_django import Settings

from meetings import drafting, pipeline, services, transcripts
from meetings.models import AudioChunk, Meeting, StageResult
from tests.factories import cut_sample, send_chunk
from tests.meetings.scripted_diarizer import ScriptedDiarizer
from transcription.audio import Audio
from transcription.diarization import base as diarization
from transcription.diarization.base import ANY_COUNT, SpeakerCount
from transcription.engines import base as engines
from transcription.engines.base import Availability, EngineError, Heard, Options
from transcription.types import Segment, SpeakerTurn, Word

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


class Listener:
    """An engine that notes what it is asked; it stands in for one that follows such wishes."""

    name, model = "listener", "scripted"
    window_seconds = 30.0
    asked: ClassVar[list[Options]] = []

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        self.asked.append(options)
        words = (Word("guten", 0.5, 1.0, 0.9), Word("tag", 1.0, 1.5, 0.9))
        return Heard((Segment(0.5, 1.5, "guten tag", 0.9, words),), "de")


class Tired(Listener):
    """Hears one window and no more."""

    name = "tired"
    asked: ClassVar[list[Options]] = []

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        if self.asked:
            raise EngineError("tired: no more", permanent=True)
        return super().transcribe(audio, options)


class Counting(ScriptedDiarizer):
    """Notes how many speakers it is told to find."""

    counts: ClassVar[list[SpeakerCount]] = []

    def diarize(self, audio: Audio, count: SpeakerCount = ANY_COUNT) -> list[SpeakerTurn]:
        self.counts.append(count)
        return super().diarize(audio, count)


@pytest.fixture(autouse=True)
def _doubles(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for double in (Listener, Tired):
        monkeypatch.setitem(engines.ENGINES, double.name, f"{__name__}.{double.__name__}")
        double.asked.clear()
    monkeypatch.setitem(diarization.DIARIZERS, "counting", f"{__name__}.Counting")
    Counting.counts.clear()
    settings.DIARIZER, settings.SPEECH_ENGINES = "counting", ("listener",)


def start(client: Client, **wishes: object) -> str:
    answer = client.post("/api/meetings/start", json.dumps(wishes), content_type=JSON)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["session_id"])


def record(meeting_id: str, count: int = 1) -> Meeting:
    """Heard live, stopped and processed."""
    meeting = services.get_meeting(meeting_id)
    for index, data in enumerate(cut_sample(count)):
        send_chunk(meeting, index, data)
        drafting.transcribe_chunk(meeting_id, index)
    services.end_recording(meeting_id, actor="client")
    assert pipeline.process_meeting(meeting_id)
    return services.get_meeting(meeting_id)


def test_vocabulary_reaches_the_live_text_and_the_final_pass(client: Client) -> None:
    record(start(client, vocabulary=["Intellibooks", " Nils Holgersson "]))
    live, final = Listener.asked
    assert (live.is_final, final.is_final) == (False, True)
    assert live.vocabulary == final.vocabulary == ("Intellibooks", "Nils Holgersson")


def test_number_of_speakers_reaches_the_diarizer(client: Client) -> None:
    record(start(client, speakers_expected=3))
    assert Counting.counts == [SpeakerCount(exactly=3)]


def test_without_a_number_the_diarizer_finds_it_itself(client: Client) -> None:
    record(start(client))
    assert Counting.counts == [ANY_COUNT]


def test_recognised_language_is_told_and_the_wish_stays(client: Client) -> None:
    meeting_id = start(client, language="auto")
    before = client.get(f"/api/meetings/{meeting_id}").json()
    assert (before["language"], before["language_detected"]) == ("auto", "")
    meeting = record(meeting_id)
    assert {options.language for options in Listener.asked} == {"auto"}
    assert StageResult.objects.get(name="transcript").result["language"] == "de"
    answer = client.get(f"/api/meetings/{meeting_id}").json()
    assert (answer["language"], answer["language_detected"]) == ("auto", "de")
    assert transcripts.read_transcript(meeting).language == "de"


@pytest.mark.parametrize(
    "wish",
    [
        {"vocabulary": ["word"] * 101},
        {"vocabulary": ["x" * 61]},
        {"vocabulary": [""]},
        {"vocabulary": "Anna"},
        {"speakers_expected": 0},
        {"speakers_expected": 21},
        {"speakers_expected": "many"},
        {"language": "automatic"},
    ],
)
def test_wish_that_makes_no_sense_is_refused(client: Client, wish: dict[str, object]) -> None:
    answer = client.post("/api/meetings/start", json.dumps(wish), content_type=JSON)
    assert answer.status_code == 422
    assert not Meeting.objects.exists()


def test_segment_names_the_engine_that_heard_it(client: Client, settings: Settings) -> None:
    """The first engine fails midway: what it did stays its own."""
    settings.SPEECH_ENGINES = ("tired", "listener")
    meeting_id = start(client)
    meeting = services.get_meeting(meeting_id)
    for index, data in enumerate(cut_sample(6)):
        send_chunk(meeting, index, data)
    rows = AudioChunk.objects.filter(meeting=meeting)
    rows.update(state="failed", samples=163_840)  # nothing is heard live
    services.end_recording(meeting_id, actor="client")
    assert pipeline.process_meeting(meeting_id)
    made = list(meeting.segments.filter(kind="speech").values_list("engine", flat=True))
    assert (made[0], set(made[1:])) == ("tired", {"listener"})
