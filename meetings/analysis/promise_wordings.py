"""How people word a promise or a request: patterns that know the names of one meeting."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

_ADVERBS = (
    r"(?:(?:also|then|definitely|certainly|just|probably|gladly|quickly|now|personally|please)\s+)*"
)
VERB_PHRASE = r"(?P<task>(?P<verb>[a-z'-]+)\b.*)$"
_GOING = r"(?:going to|gonna)"
_WILL = rf"(?:'ll|\s+will|\s+shall|\s+(?:am|is|are) {_GOING}|'(?:m|re|s) {_GOING})"
_MUST = r"\s+(?:needs? to|has to|have to|must|should)"


@dataclass(frozen=True, slots=True)
class Wordings:
    """The patterns of one meeting: they know its names."""

    request: re.Pattern[str]
    asked: re.Pattern[str]
    asked_late: re.Pattern[str]
    self_promise: re.Pattern[str]
    duty: re.Pattern[str]
    offer: re.Pattern[str]
    going_on: re.Pattern[str]
    named: re.Pattern[str]
    explicit: re.Pattern[str]
    needed: re.Pattern[str]
    group: re.Pattern[str]
    clause: re.Pattern[str]
    open_request: re.Pattern[str]


def _build(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_ASK = r"(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:also\s+)?"
_NAMELESS = {
    "asked": _build(
        rf"(?:^|[,.]\s*|\b(?:and|so|then|okay|but)\s+)(?:please\s+|{_ASK}){VERB_PHRASE}"
    ),
    "asked_late": _build(rf"\b{_ASK}{VERB_PHRASE}"),
    "self_promise": _build(rf"\bi{_WILL}\s+{_ADVERBS}{VERB_PHRASE}"),
    "duty": _build(
        r"\b(?:let me|i(?:\s+(?:(?:still|also|just|really)\s+)?(?:have|need|promised?|plan"
        rf"|intend|agreed|offered)\s+to|'ve got to|\s+must))\s+{_ADVERBS}{VERB_PHRASE}"
    ),
    "going_on": _build(r"\bi(?:'m| am) (?:currently |still )?(?P<task>(?P<verb>[a-z]+ing)\b.*)$"),
    "offer": _build(
        rf"^(?:\W*\w+\W+){{0,3}}?i(?:\s+can|\s+could|'d be happy to)\s+{_ADVERBS}{VERB_PHRASE}"
    ),
    "needed": _build(
        rf"\b(?:somebody|someone)(?:{_MUST}|{_WILL}|\s+could|\s+can)\s+{_ADVERBS}{VERB_PHRASE}"
    ),
    "group": _build(
        rf"\b(?:(?P<who>i|we|somebody|someone|they|the team)(?:{_MUST}|{_WILL})|let's"
        rf"|let us)\s+"
        rf"{_ADVERBS}{VERB_PHRASE}"
    ),
    "open_request": _build(
        r"\b(?:who(?: here)?|can (?:someone|somebody|anyone)|could (?:someone|somebody"
        r"|anyone))\s+"
        rf"(?:(?P<modal>can|could|will|would|wants to|would like to)\s+)?{VERB_PHRASE}"
    ),
}


@lru_cache(maxsize=8)
def compile_wordings(names: frozenset[str]) -> Wordings:
    known = (
        "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n))) or r"(?!)"
    )
    name = rf"(?P<name>(?:{known})(?: and (?:{known}))?)"
    return Wordings(
        request=_build(
            rf"\b{name},?\s+(?:please\s+|{_ASK}|you(?:(?:'ll|\s+will)\s+(?:have|need)\s+to"
            rf"|'ll|\s+will|\s+should|\s+have\s+to|\s+must|\s+need to)\s+){VERB_PHRASE}"
        ),
        named=_build(rf"\b{name}(?:{_WILL}|{_MUST})\s+{_ADVERBS}{VERB_PHRASE}"),
        explicit=_build(
            rf"\b(?:action item|to-?do|task)s?(?: for {name})?\s*(?:is to|is|:|,"
            rf"|to)?\s+{VERB_PHRASE}"
        ),
        clause=_build(
            rf"(?:[.?!;]\s+|,?\s+(?:and|but|then|so)\s+)"
            rf"(?=(?:(?:i|we|you|he|she|they|somebody|someone|{known})(?:{_WILL}|{_MUST}|\s+can)\b"
            rf"|please\b|(?:{known}),?\s+(?:please|can|could|would|will|you)\b|(?:can|could|will"
            rf"|would) you\b))"
        ),
        **_NAMELESS,
    )


def divide_clauses(text: str, wordings: Wordings, names: Collection[str]) -> list[str]:
    """The clauses of a text; "Susan and Bob will" is one subject."""
    clauses: list[str] = []
    for clause in wordings.clause.split(text):
        if clauses and clauses[-1].strip(" ,").lower() in names:
            clauses[-1] = f"{clauses[-1]} and {clause}"
        else:
            clauses.append(clause)
    return clauses
