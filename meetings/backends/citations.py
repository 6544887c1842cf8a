"""Whether a claim stands on what was said: its quote has to be in the segments it cites."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from math import isfinite

from meetings.analysis.text import Evidence
from transcription.types import Segment, Transcript

# Models drop a filler or mend a word; below this share of its words it is another sentence.
FOUND_SHARE = 0.8
FEWEST_QUOTED, MOST_QUOTED = 3, 80
MOST_CITED = 12
MOST_COMPARED = 3_000  # words; the comparison is quadratic at worst
_ASIAN = "\u2e80-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_ASIAN}]|[^\W{_ASIAN}]+")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<(?:img|image|script|style|iframe)\b[^>]*>", re.I)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_REFERENCE = re.compile(r"!?\[[^\]]*\]:\s*\S+")
_ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.|data:|javascript:|mailto:)\S*", re.I)
_TAG = re.compile(r"</?[a-z!][^>]*>", re.I)


def read_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("\u2019", "")
    return _WORD.findall(plain)


def check_quote(transcript: Transcript, numbers: Iterable[int], quote: str) -> list[Evidence]:
    """The cited segments that hold the quote; none where it was not said there."""
    cited = sorted({n for n in numbers if 0 <= n < len(transcript.segments)})[:MOST_CITED]
    words = read_words(quote)[:MOST_QUOTED]
    said = [read_words(transcript.segments[number].text) for number in cited]
    everything = [word for part in said for word in part][:MOST_COMPARED]
    if not words or len(words) < min(FEWEST_QUOTED, len(everything)):
        return []
    if not is_said(words, everything):
        return []
    return [
        locate(transcript.segments[number], number)
        for number, part in zip(cited, said, strict=True)
        if set(part) & set(words)
    ]


def is_said(words: Sequence[str], said: Sequence[str]) -> bool:
    """Whether most of the words stand in ``said``, in their order and near each other."""
    matcher = SequenceMatcher(None, said[:MOST_COMPARED], words, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    matched = sum(block.size for block in blocks)
    if matched < FOUND_SHARE * len(words):
        return False
    span = blocks[-1].a + blocks[-1].size - blocks[0].a
    return span <= 2 * len(words)


def locate(segment: Segment, number: int) -> Evidence:
    start = segment.start if isfinite(segment.start) else 0.0
    end = segment.end if isfinite(segment.end) else start
    return Evidence(segment=number, start=round(start, 3), end=round(max(start, end), 3))


def clean_text(text: str, longest: int = 1_000) -> str:
    """One line without links, images, tags and control characters, at most so many characters."""
    for pattern in (_IMAGE, _REFERENCE):
        text = pattern.sub("", text)
    text = _TAG.sub("", _ADDRESS.sub("", _LINK.sub(r"\1", text)))
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    return " ".join(kept.split())[:longest].strip()
