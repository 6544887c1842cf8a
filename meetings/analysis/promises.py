"""Promises and requests of one utterance: who is to do what until when."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from meetings.analysis.text import Unit
from meetings.analysis.wording import is_person
from meetings.analysis.words import FUNCTION_WORDS, IDLE_VERBS, TASK_VERBS, word_set

_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:twenty |thirty )?(?:first|second|third|\w+th))"
_POINT = (
    rf"(?:(?:the )?(?:end|start|beginning|middle) of (?:the |this |next )?(?:day|week|month"
    rf"|quarter|year|"
    rf"sprint|{_MONTH})"
    rf"|(?:next |this |coming )?{_DAY}(?: (?:morning|afternoon|evening|noon))?"
    rf"|(?:the )?{_ORDINAL} (?:of )?{_MONTH}|{_MONTH}(?: (?:the )?{_ORDINAL})?"
    r"|tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|noon|midnight"
    r"|(?:next|this) (?:week|month|quarter|year|sprint|morning|afternoon|evening|weekend)"
    r"|(?:the )?(?:next|following) (?:meeting|call|release|sprint)"
    r"|the (?:launch|release|deadline|meeting|demo|weekend|board meeting)"
    r"|end of (?:day|week|month)|(?:\w+ )?o'clock)"
)
DUE = re.compile(
    rf",?\s*\b(?:(?:(?:by|before|until|no later than|due|on|in|at|for|within"
    rf"|not later than)\s+){_POINT}"
    rf"|(?:next|this) (?:week|month|quarter|sprint|morning|afternoon|evening)|(?:next "
    rf"|this )?{_DAY}"
    r"(?: (?:morning|afternoon|evening))?"
    r"|tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|(?:by )?end of (?:day|week|month)"
    r"|(?:with)?in (?:a|one|two|three|four|five|six|ten|\d+|the next|a couple of) (?:\w+ )?"
    r"(?:hours?|days?|weeks?|months?)|after (?:this|the) (?:meeting|call)|as soon as possible|asap"
    r"|right away|immediately)\b",
    re.I,
)
_ADVERBS = (
    r"(?:(?:also|then|definitely|certainly|just|probably|gladly|quickly|now|personally|please)\s+)*"
)
_VERB_PHRASE = r"(?P<task>(?P<verb>[a-z'-]+)\b.*)$"
_WILL = r"(?:'ll|\s+will|\s+shall|\s+(?:am|is|are) going to|'m going to|'re going to|'s going to)"
_MUST = r"\s+(?:needs? to|has to|have to|must|should)"
# Ends of a task: the next clause is about something else.
TASK_END = re.compile(
    r"[.;?!](?:\s|$)|,?\s+(?:but|because|since|so that|so we|so i|unless|otherwise|which|if that|"
    r"if you|if we|and (?:then )?(?:we|i|you|they|he|she|it|that|this)\b(?! (?:and|the)\b))"
    r"|,\s*(?:so|okay|"
    r"right|please|and)\b(?=\s*$|\s+(?:we|i|you|it))|\s*,\s*(?:i think|i guess|as well)\b",
    re.I,
)
HEDGED = re.compile(
    r"\b(?:worried|afraid|whether|question is|wonder(?:ing)?|not sure|doubt|hope|hoping|wish|if"
    r"|unless|when|"
    r"in case|suppose|maybe|perhaps|might|fear|concerned|promised|said|says|told|thought)\b",
    re.I,
)
REFERS_BACK = word_set("""
that it this these those them so
""")
_ACCEPTS = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|of course|no problem|absolutely|certainly|will do|gladly"
    r"|i will|i'll"
    r"|i can|all right|alright|fine|consider it done|happy to|on it)\b",
    re.I,
)
_REFUSES = re.compile(
    r"^\W*(?:no\b(?! problem| worries)|sorry|i can't|i cannot|i'm afraid|unfortunately|not me"
    r"|i won't)",
    re.I,
)


SHORTEST_OBJECT_WORDS = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """One task as it was worded.

    ``is_request`` where somebody else was asked, ``is_open`` where anybody was: "who can ...?".
    """

    unit: Unit
    task: str
    owner: str | None
    due: str | None
    is_request: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class _Wordings:
    """The patterns of one meeting: they know its names."""

    request: re.Pattern[str]
    asked: re.Pattern[str]
    self_promise: re.Pattern[str]
    named: re.Pattern[str]
    explicit: re.Pattern[str]
    group: re.Pattern[str]
    clause: re.Pattern[str]
    open_request: re.Pattern[str]


def find_promises(unit: Unit, names: Collection[str]) -> Iterable[Promise]:
    """Every task the unit gives somebody, in order."""
    wordings = _compile(frozenset(names))
    text = unit.text
    addressed: str | None = None
    for clause in _divide(text, wordings, names):
        promise = _read_clause(unit, clause.strip(" ,"), wordings, addressed)
        if promise is not None:
            addressed = promise.owner if promise.is_request else addressed
            yield promise


def is_acceptance(unit: Unit) -> bool:
    return bool(_ACCEPTS.search(unit.text))


def is_refusal(unit: Unit) -> bool:
    return bool(_REFUSES.search(unit.text))


def _divide(text: str, wordings: _Wordings, names: Collection[str]) -> list[str]:
    """The clauses of a text; "Susan and Bob will" is one subject."""
    clauses: list[str] = []
    for clause in wordings.clause.split(text):
        if clauses and clauses[-1].strip(" ,").lower() in names:
            clauses[-1] = f"{clauses[-1]} and {clause}"
        else:
            clauses.append(clause)
    return clauses


def _build(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


@lru_cache(maxsize=8)
def _compile(names: frozenset[str]) -> _Wordings:
    known = (
        "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n))) or r"(?!)"
    )
    name = rf"(?P<name>(?:{known})(?: and (?:{known}))?)"
    ask = r"(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:also\s+)?"

    return _Wordings(
        request=_build(
            rf"\b{name},?\s+(?:please\s+|{ask}|you(?:'ll|\s+will|\s+should"
            rf"|\s+need to)\s+){_VERB_PHRASE}"
        ),
        asked=_build(
            rf"(?:^|[,.]\s*|\b(?:and|so|then|okay|but)\s+)(?:please\s+|{ask}){_VERB_PHRASE}"
        ),
        self_promise=_build(rf"\bi{_WILL}\s+{_ADVERBS}{_VERB_PHRASE}"),
        named=_build(rf"\b{name}(?:{_WILL}|{_MUST})\s+{_ADVERBS}{_VERB_PHRASE}"),
        explicit=_build(
            rf"\b(?:action item|to-?do|task)s?(?: for {name})?\s*(?:is to|is|:|,"
            rf"|to)?\s+{_VERB_PHRASE}"
        ),
        group=_build(
            rf"\b(?:(?P<who>i|we|somebody|someone|they|the team)(?:{_MUST}|{_WILL})|let's"
            rf"|let us)\s+"
            rf"{_ADVERBS}{_VERB_PHRASE}"
        ),
        open_request=_build(
            r"\b(?:who(?: here)?|can (?:someone|somebody|anyone)|could (?:someone|somebody"
            r"|anyone))\s+"
            rf"(?:(?:can|could|will|would|wants to|would like to)\s+)?{_VERB_PHRASE}"
        ),
        clause=_build(
            rf"(?:[.?!;]\s+|,?\s+(?:and|but|then|so)\s+)"
            rf"(?=(?:(?:i|we|you|he|she|they|somebody|someone|{known})(?:{_WILL}|{_MUST}|\s+can)\b"
            rf"|please\b|(?:{known}),?\s+(?:please|can|could|would|will|you)\b|(?:can|could|will"
            rf"|would) you\b))"
        ),
    )


def _read_clause(
    unit: Unit, clause: str, wordings: _Wordings, addressed: str | None
) -> Promise | None:
    speaker = unit.speaker if is_person(unit.speaker) else None
    if found := wordings.open_request.search(clause):
        return _read_open(unit, clause, found)
    if found := wordings.request.search(clause):
        return _promise(unit, clause, found, found["name"], is_request=True)
    if found := wordings.asked.search(clause):
        owner = addressed or _find_vocative(clause, found)
        return _promise(unit, clause, found, owner, is_request=True)
    if found := wordings.self_promise.search(clause):
        return _promise(unit, clause, found, speaker)
    return _read_assigned(unit, clause, wordings, speaker)


def _read_assigned(
    unit: Unit, clause: str, wordings: _Wordings, speaker: str | None
) -> Promise | None:
    """Work given to somebody in the third person, or planned by the group with a date."""
    found = wordings.explicit.search(clause)
    if found and found["verb"].lower() in TASK_VERBS:
        return _promise(unit, clause, found, found["name"])
    if found := wordings.named.search(clause):
        return _promise(unit, clause, found, found["name"])
    found = wordings.group.search(clause)
    if not found or found["verb"].lower() not in TASK_VERBS or not DUE.search(found["task"]):
        return None
    return _promise(unit, clause, found, speaker if found["who"] in {"i", "I"} else None)


def _read_open(unit: Unit, clause: str, found: re.Match[str]) -> Promise | None:
    promise = _promise(unit, clause, found, None, is_request=True)
    is_work = promise is not None and found["verb"].lower() in TASK_VERBS | {"set", "take", "do"}
    return replace(promise, is_open=True) if promise is not None and is_work else None


def _find_vocative(clause: str, found: re.Match[str]) -> str | None:
    """The name at the end of "could you check that, Robert?"."""
    last = re.search(r",\s*([A-Z][a-z]+)\s*\?", clause[found.start() :])
    return last.group(1) if last else None


def _promise(
    unit: Unit, clause: str, found: re.Match[str], owner: str | None, *, is_request: bool = False
) -> Promise | None:
    before = clause[: found.start()]
    verb = found["verb"].lower()
    if HEDGED.search(before) or verb in IDLE_VERBS or verb in FUNCTION_WORDS:
        return None
    task = found["task"]
    end = TASK_END.search(task)
    task = task[: end.start()] if end else task
    due = DUE.search(task)
    if due:
        task = f"{task[: due.start()]} {task[due.end() :]}"
    task = re.sub(rf",\s*{re.escape(owner)}\W*$", "", task) if owner else task
    words = task.strip(" ,.;:?!").split()
    if not _is_task(words):
        return None
    return Promise(
        unit=unit,
        task=" ".join(words),
        owner=owner,
        due=due.group().strip(" ,") if due else None,
        is_request=is_request,
    )


def _is_task(words: Sequence[str]) -> bool:
    """More than "do that": a verb and what to do it to."""
    object_words = words[1:]
    refers_back = bool(object_words) and object_words[0].lower().strip(",.") in REFERS_BACK
    return bool(object_words) and not (refers_back and len(object_words) < SHORTEST_OBJECT_WORDS)
