"""How the assistant words what it found: quotes, speakers and seconds. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from meetings.analysis.text import Evidence
from meetings.assistant.types import Cited, Document, Passage, Source
from meetings.backends.citations import clean_text

LONGEST_QUOTE = 300  # characters
MOST_SOURCES = 20
SENTENCE_ENDS = frozenset(".?!")


def format_clock(seconds: float) -> str:
    """``0:48``, ``1:02:03``."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def quote(passage: Passage) -> str:
    """Its words without anything a viewer might load, run or follow."""
    return clean_text(passage.text, LONGEST_QUOTE)


def phrase_origin(passage: Passage) -> str:
    """``Robert at 0:48``."""
    at = f"at {format_clock(passage.start)}"
    return f"{clean_text(passage.speaker, 80)} {at}" if passage.speaker else at


def phrase_quote(passage: Passage) -> str:
    origin = phrase_origin(passage)
    return f"- {origin[0].upper()}{origin[1:]}: \u201c{quote(passage)}\u201d"


def phrase_claim(claim: str, passage: Passage | None) -> str:
    """A finding and the words that it stands on."""
    cleaned = clean_text(claim, LONGEST_QUOTE)
    if passage is None:
        return f"- {cleaned}"
    return f"- {cleaned} \u2014 {phrase_origin(passage)}: \u201c{quote(passage)}\u201d"


def find_cited(document: Document, evidence: Sequence[Evidence]) -> Passage | None:
    """By its second, which stays when people cut or correct segments."""
    return document.at(float(evidence[0]["start"])) if evidence else None


def find_said(document: Document, evidence: Sequence[Evidence]) -> Passage | None:
    """All the words that one claim stands on, where they were heard as several passages."""
    first = find_cited(document, evidence)
    if first is None:
        return None
    said, place = first, document.passages.index(first)
    for number, cited in enumerate(evidence[1:], start=place + 1):
        following = document.passages[number : number + 1]
        if following != (document.at(float(cited["start"])),):
            break
        if following[0].speaker != first.speaker or said.text.rstrip()[-1:] in SENTENCE_ENDS:
            break
        said = replace(said, end=following[0].end, text=f"{said.text} {following[0].text}")
    return said


def cite(document: Document, passages: Iterable[Passage | None]) -> tuple[Cited, ...]:
    kept = dict.fromkeys(passage for passage in passages if passage is not None)
    return tuple(Cited(document, passage) for passage in kept)


def list_sources(cited: Iterable[Cited]) -> list[Source]:
    """Each once, in the order they are cited."""
    return [
        Source(
            session_id=it.document.session_id,
            title=it.document.title,
            start_ms=round(it.passage.start * 1000),
            speaker=it.passage.speaker,
            quote=quote(it.passage),
            segment=it.passage.key,
        )
        for it in list(cited)[:MOST_SOURCES]
    ]


def name_subject(words: Sequence[str]) -> str:
    """`` about the payment page``; empty where nothing was named."""
    return f" about \u201c{clean_text(' '.join(words), 80)}\u201d" if words else ""
