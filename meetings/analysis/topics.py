"""Topics of a meeting: what was announced, where speakers say "next", and lexical cohesion."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from meetings.analysis.announcement import Announcement, find_announcement
from meetings.analysis.hearing import DASHES
from meetings.analysis.phrases import name_subject
from meetings.analysis.segmentation import find_borders
from meetings.analysis.text import Unit, is_content, stem
from meetings.analysis.wording import is_small_talk, polish_title
from meetings.analysis.words import FUNCTION_WORDS

CUE = re.compile(
    r"\b(?:(?:our|the|a|my)? ?(?:next|first|second|third|fourth|fifth|last|final|other) "
    r"(?:topic|item|subject|agenda item|agenda point|point on (?:the|our) agenda"
    r"|thing on (?:the|our) (?:agenda|list)|(?:topic|item) (?:on|of) (?:the|our) \w+)"
    r"|(?:last|next) point|moving (?:on|over)|move on|(?:let's|let us|we) move to"
    r"|(?:let's|let us|we can|i'd like to|i would like to) (?:now )?"
    r"(?:(?:turn|switch|go|jump|get|come|move)(?: on| over| back| first)? to"
    r"|(?:start|begin)(?: off| first)? (?:with|on))"
    r"|(?:let's|let us) (?:now )?(?:talk about|discuss|look at|begin|continue with)"
    r"|turning (?:now )?to|(?:that|which) brings us to|next up|next on (?:the|our) (?:agenda|list)"
    r"|(?:finally|lastly|last but not least) (?:the|our|we have|we come to|a word on)"
    r"|now (?:to|on to|for) the|(?:come|came) to the (?:next|last|final))\b"
)
CLOSING = re.compile(
    r"\b(?:to (?:summari[sz]e|wrap up|recap|sum up)|let's (?:wrap up|summari[sz]e|recap|close)"
    r"|wrapping up|(?:that's|that is|this is) (?:all|everything|it) (?:for|from)|any other business"
    r"|let me (?:summari[sz]e|recap|wrap up|sum up)|anything else|(?:that )?concludes"
    r"|end of (?:the|our|today's) (?:agenda|meeting)|(?:i|we) close the meeting)\b"
)
CUE_WITHIN_WORDS = 9
LONGEST_TITLE_WORDS = 7
# A stretch as long as this between two spoken cues may still hide a change of subject.
UNCUED_SECONDS = 900.0
SHORTEST_TOPIC_SECONDS = 8.0
ONE_BREATH_SECONDS = 3.0
LOOK_AHEAD_UNITS = 4
FEWEST_OPENING_TERMS = 4
CLOSING_AFTER = 0.7
UNNAMED, CLOSING_TITLE = "General discussion", "Wrap-up"
_TITLE_LEAD = re.compile(
    r"^(?:(?:is|are|to|on|with|about|the|our|of|for|agenda|item|topic|point|today|now|then|next|"
    r"first|last|final|which|will|be|a|an|and|so|let's|talk|discuss|it's|that's|that|we|have|"
    r"look|at|go|start|move|turn|number|one|two|three|four|five|come|status|update)\b[\s,:]*)+",
    re.I,
)
_TITLE_END = re.compile(
    r"[.;:?!]|,|\s(?:who|which|where|how|what|because|so|but|can|could|please|i|we|you|is|are|has"
    r"|have|will|would|do|does|let's|there|since|as|that|this|it|if|and (?:then|i|we|who))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject: the units that belong to it. ``title`` reads like a heading."""

    title: str
    units: tuple[Unit, ...]
    is_closing: bool = False


@dataclass(frozen=True, slots=True)
class _Border:
    """The position of a unit that opens a topic and what its speaker called it."""

    position: int
    title: str = ""
    is_closing: bool = False


def find_topics(
    units: Sequence[Unit], names: Collection[str] = (), language: str = "en"
) -> list[Topic]:
    """The meeting as topics in order, without its welcome; one topic where nothing divides it."""
    if not units:
        return []
    announcement = find_announcement(units)
    first = announcement.last + 1 if announcement else 0
    borders = _find_cues(units, first)
    borders = _place_announced(units, borders, announcement, language)
    borders = _divide_long(units, borders, first)
    return _build(units, borders, announcement, names, language)


def _find_cues(units: Sequence[Unit], first: int) -> list[_Border]:
    borders: list[_Border] = []
    for position in range(first, len(units)):
        border = _read_cue(units, position)
        if border is None:
            continue
        if borders and _is_same_change(units, borders[-1], border):
            last = borders[-1]
            borders[-1] = replace(last, title=border.title or last.title)
            continue
        borders.append(border)
    return borders


def _is_same_change(units: Sequence[Unit], last: _Border, border: _Border) -> bool:
    """Whether "good, moving on" and "the next topic is hiring" are one change of subject."""
    passed = units[border.position].start - units[last.position].start
    is_named_twice = bool(last.title and border.title)
    return passed < (ONE_BREATH_SECONDS if is_named_twice else SHORTEST_TOPIC_SECONDS)


def _read_cue(units: Sequence[Unit], position: int) -> _Border | None:
    unit = units[position]
    spoken = " ".join(unit.words)
    if len(units) * CLOSING_AFTER < position and CLOSING.search(spoken):
        return _Border(position, is_closing=True)
    found = CUE.search(spoken)
    if not found or spoken[: found.start()].count(" ") > CUE_WITHIN_WORDS:
        return None
    return _Border(position, _read_title(unit, found.group()))


def _read_title(unit: Unit, cue: str) -> str:
    """What follows the cue in the speaker's own spelling, up to the next clause."""
    pattern = r"\W+".join(re.escape(word) for word in cue.split())
    found = re.search(pattern, unit.text, re.I)
    rest = unit.text[found.end() :].strip(f" ,.:;{DASHES}") if found else ""
    deeper = CUE.search(" ".join(rest.lower().split()))
    if deeper:
        return _read_title(unit, deeper.group())
    return shorten_title(rest)


def shorten_title(text: str) -> str:
    title = _TITLE_LEAD.sub("", text)
    end = _TITLE_END.search(title)
    words = (title[: end.start()] if end else title).split()[:LONGEST_TITLE_WORDS]
    while words and words[-1].lower().strip(",.") in FUNCTION_WORDS:
        words.pop()
    return " ".join(words)


def _place_announced(
    units: Sequence[Unit],
    borders: list[_Border],
    announcement: Announcement | None,
    language: str,
) -> list[_Border]:
    """Add announced items that nobody introduced with a cue, where their words first gather."""
    if announcement is None:
        return borders
    placed = list(borders)
    position = announcement.last + 1
    for item in announcement.items:
        stems = {
            stem(word, language) for word in item.lower().split() if is_content(word, language)
        }
        cued = [
            b.position
            for b in borders
            if _speaks_of(units, b, stems) or _is_called(b.title, stems, language)
        ]
        if cued:
            position = cued[0]
            continue
        limit = min((b.position for b in borders if b.position > position), default=len(units))
        found = _find_gathering(units, stems, position, limit)
        if found is not None:
            position = found
            placed.append(_Border(found, item))
    placed.sort(key=lambda border: border.position)
    return _merge_close(units, placed)


def _speaks_of(units: Sequence[Unit], border: _Border, stems: set[str]) -> bool:
    opening = units[border.position : border.position + LOOK_AHEAD_UNITS]
    said = {term for unit in opening for term in unit.terms}
    return not border.is_closing and bool(stems) and len(stems & said) * 2 >= len(stems)


def _is_called(title: str, stems: set[str], language: str) -> bool:
    """Whether the spoken title is the announced item in short: "the roof"."""
    words = [word for word in title.lower().split() if is_content(word, language)]
    return bool(words) and {stem(word, language) for word in words} <= stems


def _find_gathering(units: Sequence[Unit], stems: set[str], first: int, last: int) -> int | None:
    for position in range(first, last):
        here = stems.intersection(units[position].terms)
        nearby = units[position : position + LOOK_AHEAD_UNITS]
        around = stems.intersection(term for unit in nearby for term in unit.terms)
        if here and len(around) * 3 >= len(stems) * 2:
            return position
    return None


def _merge_close(units: Sequence[Unit], borders: Sequence[_Border]) -> list[_Border]:
    kept: list[_Border] = []
    for border in borders:
        if kept and _is_same_change(units, kept[-1], border):
            continue
        kept.append(border)
    return kept


def _divide_long(units: Sequence[Unit], borders: list[_Border], first: int) -> list[_Border]:
    """Lexical borders: everywhere without cues, with cues only inside very long stretches."""
    if not borders[1:]:
        inner = [_Border(first + found) for found in find_borders(units[first:])]
        return _merge_close(units, sorted([*borders, *inner], key=lambda b: b.position))
    edges = [border.position for border in borders] + [len(units)]
    divided = list(borders)
    for start, end in pairwise(edges):
        if units[end - 1].end - units[start].start > UNCUED_SECONDS:
            divided += [_Border(start + found) for found in find_borders(units[start:end])]
    return _merge_close(units, sorted(divided, key=lambda border: border.position))


def _build(
    units: Sequence[Unit],
    borders: Sequence[_Border],
    announcement: Announcement | None,
    names: Collection[str],
    language: str,
) -> list[Topic]:
    first = announcement.last + 1 if announcement else 0
    starts = _add_opening(units, borders, first)
    items = list(announcement.items) if announcement else []
    ends = [border.position for border in starts[1:]] + [len(units)]
    topics: list[Topic] = []
    for border, end in zip(starts, ends, strict=True):
        inside = tuple(units[border.position : end])
        title = _choose_title(units, border, items, language) or _name(
            units, inside, names, language
        )
        topics.append(Topic(polish_title(title, names), inside, border.is_closing))
    return topics


def _add_opening(units: Sequence[Unit], borders: Sequence[_Border], first: int) -> list[_Border]:
    """The borders, with one for what was said of substance before the first of them."""
    opening = units[first : borders[0].position] if borders else units[first:]
    is_told = any(
        not is_small_talk(unit) and len(unit.terms) >= FEWEST_OPENING_TERMS for unit in opening
    )
    if is_told or not borders:
        return [_Border(min(first, len(units) - 1)), *borders]
    return list(borders)


def _choose_title(units: Sequence[Unit], border: _Border, items: list[str], language: str) -> str:
    """The announced item this topic opens with, else its speaker's words; "" without either."""
    if border.is_closing:
        return CLOSING_TITLE
    for item in items:
        stems = {
            stem(word, language) for word in item.lower().split() if is_content(word, language)
        }
        if _speaks_of(units, border, stems) or _is_called(border.title, stems, language):
            items.remove(item)
            return item
    return border.title


def _name(
    units: Sequence[Unit], inside: Sequence[Unit], names: Collection[str], language: str
) -> str:
    indexes = {unit.index for unit in inside}
    others = (unit for unit in units if unit.index not in indexes)
    return name_subject(inside, others, language, names) or UNNAMED
