"""What is new in a transcript that always arrives as a whole. Pure."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """Words that were just understood, and the second of the meeting they begin at."""

    seconds: float
    text: str


class LiveText:
    """Takes the frames of a room in their order and says which lines are new.

    The words are those of ``transcript_update``, the frame the frontend shows; ``segment`` frames
    only tell when they were said.
    """

    def __init__(self) -> None:
        self.text = ""
        self.chunks_processed = 0
        self.segments: dict[str, Line] = {}

    def take(self, frame: dict[str, Any], position: float) -> list[Line]:
        """``position``: the second of the meeting for words that no segment dates."""
        if frame.get("type") == "segment":
            self.remember_segment(frame)
        elif frame.get("type") == "transcript_update":
            return self.take_update(frame, position)
        return []

    def remember_segment(self, frame: dict[str, Any]) -> None:
        words = str(frame.get("text") or "").split()
        if words:
            seconds = float(frame.get("start_ms") or 0) / 1000
            self.segments[str(frame.get("id"))] = Line(seconds, " ".join(words))

    def take_update(self, frame: dict[str, Any], position: float) -> list[Line]:
        content = str(frame.get("content") or "")
        self.chunks_processed = int((frame.get("metadata") or {}).get("chunks_processed") or 0)
        added = find_added(self.text, content)
        lines = date_words(added, list(self.segments.values()), position) if added else []
        self.text = content
        self.segments = {}
        return lines


def find_added(before: str, after: str) -> str:
    """The words that ``after`` has more; nothing where words were only corrected.

    A late chunk adds its words in the middle, so what is common at both ends is left out.
    """
    old, new = before.split(), after.split()
    head = count_common(old, new)
    tail = count_common(old[head:][::-1], new[head:][::-1])
    added, removed = new[head : len(new) - tail], old[head : len(old) - tail]
    return " ".join(added) if len(added) > len(removed) else ""


def count_common(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)  # one is the longer
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def date_words(added: str, segments: list[Line], position: float) -> list[Line]:
    """A line for each segment where they make up the words, else one line for all of them."""
    spoken = sorted(
        (line for line in segments if f" {line.text} " in f" {added} "),
        key=lambda line: line.seconds,
    )
    if " ".join(line.text for line in spoken) == added:
        return spoken
    return [Line(spoken[0].seconds if spoken else position, added)]
