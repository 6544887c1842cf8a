"""Reads the results of whisper.cpp: from a stranger, so with suspicion."""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from transcription.engines.base import EngineError, Heard
from transcription.engines.whisper_languages import read_language
from transcription.ghosts import Evidence, collapse_loops, is_ghost, repeats_itself
from transcription.types import Segment, Word

SPECIAL_TOKEN = re.compile(r"\s*(\[_.*\]|<\|.*\|>)\s*")
SMALLEST_PROBABILITY = 1e-10
# Fast talkers say five words in a second; what has more of them was hardly all said.
MOST_WORDS_PER_SECOND, WORDS_BEYOND = 6.0, 3


def read_heard(text: str, duration: float, *, want_words: bool, engine: str) -> Heard:
    """The result file of ``whisper-cli`` (``-oj``, ``-ojf``), or the same from another source.

    Segments lie in time order within 0..``duration`` s. Ghosts are dropped where the tokens'
    probabilities give them away. Raises EngineError (permanent).
    """

    def read() -> Heard:
        # strict=False: control characters inside strings have been seen
        result = json.loads(text, strict=False)
        language = read_language(result.get("result", {}).get("language", ""))
        return _judge(result["transcription"], duration, want_words, language)

    return _believe(read, engine)


def read_server_heard(text: str, duration: float, *, want_words: bool, engine: str) -> Heard:
    """The ``verbose_json`` of ``whisper-server``. Raises EngineError (permanent)."""

    def read() -> Heard:
        result = json.loads(text, strict=False)
        entries = [_convert_entry(entry) for entry in result["segments"]]
        language = result.get("detected_language") or result.get("language", "")
        return _judge(entries, duration, want_words, read_language(language))

    return _believe(read, engine)


def _believe(read: Callable[[], Heard], engine: str) -> Heard:
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"{engine} wrote a result that cannot be read: {type(error).__name__}"
        raise EngineError(message, permanent=True) from error


def _convert_entry(entry: Any) -> dict[str, Any]:
    """The server counts in seconds and calls a token a word."""
    tokens = [
        {"text": token["word"], "p": token["probability"], "offsets": _convert_times(token)}
        for token in entry.get("words", ())
    ]
    converted = {"text": entry["text"], "offsets": _convert_times(entry), "tokens": tokens}
    known = {key: entry[key] for key in ("avg_logprob", "no_speech_prob") if key in entry}
    return {**converted, **known}


def _convert_times(entry: Any) -> dict[str, float]:
    return {"from": entry["start"] * 1000, "to": entry["end"] * 1000}


def _judge(entries: Iterable[Any], duration: float, want_words: bool, language: str) -> Heard:
    read = [(entry, _read_segment(entry, duration, want_words)) for entry in entries]
    said = [part for entry, part in read if not is_ghost(part.text, _read_evidence(entry))]
    said.sort(key=lambda segment: segment.start)
    text = " ".join(segment.text for segment in said)
    is_rushed = len(text.split()) > WORDS_BEYOND + MOST_WORDS_PER_SECOND * duration
    is_doubtful = len(said) < len(read) or not text or repeats_itself(text) or is_rushed
    return Heard(tuple(collapse_loops(said)), language, is_doubtful)


def _read_segment(entry: Any, duration: float, want_words: bool) -> Segment:
    start, end = _read_times(entry["offsets"], duration)
    text = " ".join(entry["text"].replace("\0", "").split())
    tokens = _list_spoken(entry)
    words = _read_words(tokens, text, duration) if want_words else ()
    return Segment(start, end, text, _average([token["p"] for token in tokens]), words)


def _read_evidence(entry: Any) -> Evidence:
    tokens = _list_spoken(entry)
    logs = [math.log(max(token["p"], SMALLEST_PROBABILITY)) for token in tokens]
    mean = sum(logs) / len(logs) if logs else None
    return Evidence(entry.get("avg_logprob", mean), entry.get("no_speech_prob"))


def _read_times(offsets: Any, duration: float) -> tuple[float, float]:
    """Milliseconds to seconds; the last window of 30 s may reach beyond the sound."""
    start, end = (min(duration, max(0.0, offsets[key] / 1000)) for key in ("from", "to"))
    return start, max(start, end)


def _list_spoken(entry: Any) -> list[Any]:
    return [token for token in entry.get("tokens", ()) if _is_spoken(token)]


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
