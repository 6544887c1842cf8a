"""What speech becomes: words, segments and the transcript that holds them.

All times are seconds from the start of the audio they were heard in.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; ``probability`` is 0..1, or None where the engine gives none."""

    text: str
    start: float
    end: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech without a long pause, as one engine heard it.

    ``engine`` and ``model`` are named where they are not those of the transcript.
    """

    start: float
    end: float
    text: str
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    speaker: str | None = None
    engine: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """One speaker talking from ``start`` to ``end``."""

    start: float
    end: float
    speaker: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """The segments of one piece of audio in time order, and where they came from.

    ``duration`` is the length of the audio, ``work_seconds`` the wall time the engine took.
    A silent audio has no segments and an empty ``engine``: no engine was asked. ``notes`` say why
    an engine that should have come first did not do it.
    """

    segments: tuple[Segment, ...]
    duration: float
    language: str = "en"
    engine: str = ""
    model: str = ""
    work_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments if segment.text)
