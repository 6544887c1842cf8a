"""What the assistant works with: passages of transcripts, and what it says about them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict


class Source(TypedDict):
    """Where an answer was said; ``segment`` is the id to open it at, ``start_ms`` the moment."""

    session_id: str
    title: str
    start_ms: int
    speaker: str | None
    quote: str
    segment: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One segment of a transcript; ``start`` and ``end`` in seconds from the meeting's start."""

    key: str
    start: float
    end: float
    speaker: str | None
    text: str


@dataclass(frozen=True, eq=False)
class Document:
    """A meeting to answer from; ``is_here`` if it is the one the question was asked in.

    ``find`` gives the result of one stage in the shape of ``meetings.analysis``.
    """

    session_id: str
    title: str
    passages: tuple[Passage, ...]
    find: Callable[[str], dict[str, Any]]
    language: str = "en"
    is_live: bool = False
    is_here: bool = True

    @cached_property
    def speakers(self) -> list[str]:
        """Everybody who is known to speak, in the order of their first words."""
        return list(dict.fromkeys(p.speaker for p in self.passages if p.speaker))

    def at(self, seconds: float) -> Passage | None:
        """The passage that is being said then, else the last that began before."""
        begun = [p for p in self.passages if p.start <= seconds + 0.001]
        return begun[-1] if begun else next(iter(self.passages), None)


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage with the meeting it was said in."""

    document: Document
    passage: Passage


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in the room; an answer that found nothing says so in its text.

    ``is_exact`` is false where there are only words about the subject and not what was asked
    for. ``dropped`` counts claims of a language model that nobody said.
    """

    text: str
    intent: str
    cited: tuple[Cited, ...] = ()
    is_found: bool = True
    is_exact: bool = True
    engine: str = "local"
    dropped: int = 0
