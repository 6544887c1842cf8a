"""Which name a segment shows: the diarizer's label, and what people said about it since. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_NAME = 80  # characters
JOINERS = frozenset("\u200c\u200d")  # invisible, but Persian, Hindi and emoji are spelled with them
NOT_PRINTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MADE_BY_US = re.compile(r"(speaker|person) \d+", re.IGNORECASE)
ADDED = "Person"  # voices that people added; a diarizer's are called "Speaker 1", ...


class BadName(ValueError):
    """A name that cannot be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Range:
    """From ``start_ms`` to ``end_ms`` the voice ``label`` speaks: somebody said so."""

    start_ms: int
    end_ms: int
    label: str


@dataclass(frozen=True, slots=True)
class SpeakerRules:
    """``names``: label -> name. ``merges``: label -> label that it really is, never in a circle.
    ``ranges`` in the order in which they were said: the last one counts.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    merges: Mapping[str, str] = field(default_factory=dict)
    ranges: Sequence[Range] = ()

    def find_voice(self, label: str, start_ms: int, end_ms: int) -> str:
        """The label of who speaks in a segment that the diarizer gave to ``label``."""
        said = next((r.label for r in reversed(self.ranges) if covers(r, start_ms, end_ms)), label)
        return self.follow(said)

    def follow(self, label: str) -> str:
        """The voice that a label stands for, after all merges."""
        while label in self.merges:
            label = self.merges[label]
        return label

    def show(self, label: str) -> str:
        """What people read; a label without a name stands for itself."""
        return self.names.get(label) or label


def covers(given: Range, start_ms: int, end_ms: int) -> bool:
    """Whether at least half of a segment lies in the range."""
    if start_ms >= end_ms:
        return given.start_ms <= start_ms <= given.end_ms
    common = min(end_ms, given.end_ms) - max(start_ms, given.start_ms)
    return common > 0 and 2 * common >= end_ms - start_ms


def clean_name(text: str) -> str:
    """The name on one line, composed (NFC). Raises BadName.

    Refused are control characters, such as those that turn the direction of text around, and
    names like "Speaker 2", which would pass for another voice.
    """
    composed = unicodedata.normalize("NFC", text.strip())
    if any(is_hidden(character) for character in composed):
        raise BadName("A name must not contain control characters.")
    name = " ".join(composed.split())
    if not name.strip("".join(JOINERS) + " "):
        raise BadName("A name must not be empty.")
    if len(name) > LONGEST_NAME:
        raise BadName(f"A name has at most {LONGEST_NAME} characters.")
    if MADE_BY_US.fullmatch(name):
        raise BadName(f'"{name}" is how voices without a name are called. Choose another name.')
    return name


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in NOT_PRINTED and character not in JOINERS


def next_label(taken: Collection[str]) -> str:
    """A free label for a voice that a person adds."""
    numbers = range(1, len(taken) + 2)
    return next(label for number in numbers if (label := f"{ADDED} {number}") not in taken)
