"""A processed meeting of which every word is known, so that its stages take no time."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from pytest_django import Settings

from meetings import pipeline, services
from meetings.models import Meeting
from tests.factories import make_tone, read_sample, send_chunk
from transcription.audio import Audio, encode_wav
from transcription.types import Segment, Word

SAID = (
    "we agreed to order the blue cables on monday",
    "maria will send the budget to the supplier by friday",
    "i am very happy with this excellent result",
)


def place_words(text: str, start: float) -> Segment:
    """The text said evenly within half a second."""
    words = text.split()
    step = 0.5 / len(words)
    placed = tuple(
        Word(word, start + number * step, start + (number + 1) * step)
        for number, word in enumerate(words)
    )
    return Segment(start, start + 0.5, text, words=placed)


def process(sound: bytes) -> Meeting:
    """A meeting of two seconds in which three sentences are said to have been heard."""
    meeting = services.start_meeting(title="Cables")
    send_chunk(meeting, 0, sound)
    heard = [asdict(place_words(text, place * 0.6)) for place, text in enumerate(SAID)]
    meeting.chunks.update(
        state="transcribed",
        samples=32_000,
        heard=heard,
        text=" ".join(SAID),
        engine="pocketsphinx",
    )
    services.end_recording(meeting.pk, actor="client")
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


@pytest.fixture
def _draft_kept(settings: Settings) -> None:
    """The recording is heard as a whole only where somebody asks for it."""
    settings.FINAL_TRANSCRIPTION = "never"


@pytest.fixture
def processed(_draft_kept: None) -> Meeting:
    """Its sound is a tone: an engine that listens again hears no word."""
    return process(make_tone(2.0))


@pytest.fixture
def spoken(_draft_kept: None) -> Meeting:
    """Its sound is speech: an engine is needed to listen again."""
    return process(encode_wav(Audio(read_sample().samples[:32_000])))


@pytest.fixture
def read_rows(processed: Meeting) -> Callable[[], dict[str, dict[str, Any]]]:
    """Every stage's row as it is stored, by its name."""
    return lambda: {row["name"]: dict(row) for row in processed.stages.values()}
