"""Reads the JSON of whisper.cpp (``-oj``, ``-ojf``): from a stranger, so with suspicion."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from transcription.engines.base import EngineError
from transcription.types import Segment, Word

# "[BLANK_AUDIO]", "(music)", "*laughs*": said about the sound, not in it.
NOT_SPEECH = re.compile(r"\s*(\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[\u266a\s.\-]+)*\s*")
SPECIAL_TOKEN = re.compile(r"\s*(\[_.*\]|<\|.*\|>)\s*")


def read_segments(text: str, duration: float, *, want_words: bool) -> list[Segment]:
    """The segments in time order, within 0..``duration`` s. Raises EngineError (permanent)."""
    try:
        # strict=False: control characters inside strings have been seen
        entries = json.loads(text, strict=False)["transcription"]
        segments = [_read_segment(entry, duration, want_words) for entry in entries]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"whisper_cli wrote a result that cannot be read: {type(error).__name__}"
        raise EngineError(message, permanent=True) from error
    spoken = (segment for segment in segments if not NOT_SPEECH.fullmatch(segment.text))
    return sorted(spoken, key=lambda segment: segment.start)


def _read_segment(entry: Any, duration: float, want_words: bool) -> Segment:
    start, end = _read_times(entry["offsets"], duration)
    text = " ".join(entry["text"].replace("\0", "").split())
    tokens = [token for token in entry.get("tokens", ()) if _is_spoken(token)]
    words = _read_words(tokens, text, duration) if want_words else ()
    return Segment(start, end, text, _average([token["p"] for token in tokens]), words)


def _read_times(offsets: Any, duration: float) -> tuple[float, float]:
    """Milliseconds to seconds; the last window of 30 s may reach beyond the sound."""
    start, end = (min(duration, max(0.0, offsets[key] / 1000)) for key in ("from", "to"))
    return start, max(start, end)


def _is_spoken(token: Any) -> bool:
    return bool(token["text"]) and not SPECIAL_TOKEN.fullmatch(token["text"])


def _read_words(tokens: Sequence[Any], text: str, duration: float) -> tuple[Word, ...]:
    """Tokens are pieces of words; a piece that begins with a space begins a word."""
    begins = [
        index for index, token in enumerate(tokens) if not index or token["text"].startswith(" ")
    ]
    groups = [tokens[first:end] for first, end in pairwise([*begins, len(tokens)])]
    # A token may be half of a UTF-8 letter, the segment's text has whole ones.
    whole = text.split()
    spelled = whole if len(whole) == len(groups) else [_join(group) for group in groups]
    words = (_read_word(group, text, duration) for group, text in zip(groups, spelled, strict=True))
    return tuple(word for word in words if word.text)


def _join(tokens: Sequence[Any]) -> str:
    return "".join(token["text"] for token in tokens).replace("\0", "").strip()


def _read_word(tokens: Sequence[Any], text: str, duration: float) -> Word:
    start, _ = _read_times(tokens[0]["offsets"], duration)
    _, end = _read_times(tokens[-1]["offsets"], duration)
    return Word(text, start, max(start, end), _average([token["p"] for token in tokens]))


def _average(probabilities: Sequence[float]) -> float | None:
    if not probabilities:
        return None
    average = sum(probabilities) / len(probabilities)
    return round(min(1.0, max(0.0, average)), 3)
