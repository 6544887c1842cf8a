"""The agenda as a chair announces it: "today is A, then B, and finally C"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meetings.analysis.hearing import DASHES
from meetings.analysis.text import Unit, is_content
from meetings.analysis.words import FUNCTION_WORDS

NUMBER = r"(?:two|three|four|five|six|seven|\d|a few|a couple of|several)"
OPENING = re.compile(
    rf"\b(?:agenda(?: for)?(?: today| this meeting)?|today(?: is|'s plan| we)|plan for today"
    rf"|{NUMBER} (?:\w+ )?(?:things|topics|items|points|subjects)(?: on \w+ (?:agenda|list))?"
    r"|(?:going to|will|want to|need to|have to|'ll|to) (?:talk about|cover|discuss"
    r"|go (?:through|over)))"
    r"\b",
    re.I,
)
SEPARATOR = re.compile(
    r"[,;:.!?]|\b(?:and )?(?:then|finally|first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth|fifth"
    r"|last(?:ly)?|after that|next|also|as well as"
    r"|(?:and )?if (?:there's|there is|we have|we've got|we get) (?:any |some |still )?time"
    r"(?: left)?)\b",
    re.I,
)
CONTINUES = re.compile(
    r"^\W*(?:and |okay |so )?(?:then|finally|first|second|third|fourth|last|after that|next|also"
    r"|if (?:there's|there is|we have|we've got|we get) (?:any |some |still )?time|we"
    r"(?:'ll| will) (?:also|then|finally))\b",
    re.I,
)
LEAD = re.compile(
    rf"^(?:(?:{NUMBER} (?:things|topics|items|points|subjects)|of all|is|are|the|our|a|an|about"
    rf"|to|on|with|we|i|will|have|has|would|like|want|need|"
    r"talk|cover|discuss|look|at|go|through|over|start|begin|end|close|today|topic|item|for|us|all|"
    r"it|is|'ll|we'll|i'll|let's|there|going|and|of|hear|review|speak|decide|come)\b[\s,]*)+",
    re.I,
)
_STATE = re.compile(
    r"^\W*(?:and |then |um |uh )*(?:where|how) we(?: are|'re| stand) (?:with|on)\b", re.I
)
COMMA = re.compile(r"[,;:]")
# "the budget the hiring plan": an article after a content word is a comma nobody wrote.
BARE_COMMA = re.compile(
    r"(?<=[a-z])(?<!\bof)(?<!\bfor)(?<!\bwith)(?<!\bon)(?<!\bin)(?<!\bto)(?<!\bat)(?<!\babout)"
    r"(?<!\band)(?<!\bthen)(?<!\bis)(?<!\bfrom)(?<!\bby)(?<!ing)(?<!\bfinally)(?<!\bare)"
    r"\s+(?=(?:the|our)\s)"
)
LAST = re.compile(r"\b(?:finally|last|lastly|then)\b", re.I)
# The agenda is announced at the beginning; the same words later tell of something else.
SEARCHED_UNITS = 12
CONTINUED_UNITS = 4
FEWEST_ITEMS, MOST_ITEMS = 2, 9
LONGEST_ITEM_WORDS = 8


@dataclass(frozen=True, slots=True)
class Announcement:
    """The announced items in order and the position of the last unit that lists them."""

    items: tuple[str, ...]
    first: int
    last: int


def find_announcement(units: Sequence[Unit]) -> Announcement | None:
    for position in range(min(SEARCHED_UNITS, len(units))):
        found = OPENING.search(units[position].text)
        if not found:
            continue
        parts = [units[position].text[found.end() :]]
        last = position
        while last + 1 < len(units) and last - position < CONTINUED_UNITS:
            following = units[last + 1]
            is_list = CONTINUES.search(following.text) or (last == position and not _reads(parts))
            if not is_list:
                break
            parts.append(following.text)
            last += 1
        items = _reads(parts)
        if FEWEST_ITEMS <= len(items) <= MOST_ITEMS:
            return Announcement(tuple(items), position, last)
    return None


def _reads(parts: Sequence[str]) -> list[str]:
    """The listed items; the last "and" of a list divides unless "finally" already did."""
    listed = ". ".join(parts)
    if not COMMA.search(listed.rstrip(" .")):
        listed = BARE_COMMA.sub(", ", listed)
    items = [item for piece in SEPARATOR.split(listed) if (item := _clean(piece))]
    if items and " and " in items[-1] and not LAST.search(listed):
        tail = [_clean(half) for half in items[-1].split(" and ", 1)]
        if all(tail):
            items[-1:] = tail
    return list(dict.fromkeys(items))


def _clean(piece: str) -> str:
    text = LEAD.sub("", _STATE.sub("", piece.strip()))
    text = re.sub(r"^and\s+", "", text.strip(f" {DASHES}"), flags=re.I)
    text = LEAD.sub("", text)
    words = text.split()
    while words and words[-1].lower() in FUNCTION_WORDS:
        words.pop()
    if len(words) > LONGEST_ITEM_WORDS or not any(is_content(word.lower()) for word in words):
        return ""
    return " ".join(words)
