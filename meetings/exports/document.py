"""What an export is made of. All times are seconds from the start of the meeting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transcription.types import Word


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of speech, or the place of audio that never came (``is_missing``)."""

    start: float
    end: float
    text: str
    speaker: str = ""
    is_missing: bool = False
    confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something an analysis found; ``at`` is where it was said, None where that is unknown."""

    text: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Action:
    task: str
    owner: str = ""
    due: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    speaker: str = ""
    answer: str = ""
    answered_by: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    at: float | None = None
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One meeting. ``started_at`` is RFC 3339 with Z; ``mood`` and ``metrics`` as their stages."""

    session_id: str
    title: str
    started_at: str
    status: str
    language: str = ""
    duration: float = 0.0
    lines: tuple[Line, ...] = ()
    summary: str = ""
    purpose: str = ""
    key_points: tuple[Claim, ...] = ()
    actions: tuple[Action, ...] = ()
    decisions: tuple[Claim, ...] = ()
    questions: tuple[Question, ...] = ()
    agenda: tuple[Topic, ...] = ()
    keywords: tuple[str, ...] = ()
    mood: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_finished(self) -> bool:
        return self.status == "completed"

    @property
    def notice(self) -> str:
        """What a reader must know about an unfinished meeting; empty for a finished one."""
        if self.is_finished:
            return ""
        return f"Unfinished: the meeting is {self.status}. This is what was understood so far."

    @property
    def speakers(self) -> tuple[str, ...]:
        """In the order in which they first spoke."""
        return tuple(dict.fromkeys(line.speaker for line in self.lines if line.speaker))
