"""What follows from a meeting: action items, decisions and questions."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from meetings.analysis.decisions import Decision, find_decisions
from meetings.analysis.due import DUE
from meetings.analysis.promises import Promise, find_promises
from meetings.analysis.questions import Question, find_questions, is_question
from meetings.analysis.replies import is_acceptance, is_refusal, takes_open, takes_over
from meetings.analysis.text import Evidence, Unit, cite, find_names, is_content, split_units, stem
from meetings.analysis.wording import is_person, polish, polish_title
from transcription.types import Transcript

ACCEPTED_WITHIN_UNITS = 3
REFERS_WITHIN_UNITS = 2
NAMED_WITHIN_UNITS = 4
# "Before Christmas.", said after the request.
LONGEST_DUE_WORDS = 8
# "Yes, I'll send it out tomorrow."
LONGEST_ANSWER_WORDS = 16
ANSWER_UNITS = 3
_THINGS = re.compile(r"^\w+ (?:it|that|this|them|these|those)\b", re.I)
_PEOPLE = re.compile(r"^\w+(?: to| with)? (?:him|her|them)\b", re.I)
_PRONOUN = re.compile(
    r"^(?P<verb>\w+) (?P<pronoun>it|them|one)\b(?! (?:that|what|whether|if)\b)", re.I
)
# "We'll take the grey tiles.": what a sentence ends with is what the next one calls "them".
_LAST_THING = re.compile(r"\b(?P<thing>(?:the|our|your|these|those) (?:\w+ ){0,2}\w+)\W*$", re.I)
_WANTED = re.compile(
    r"\b(?:i|we)(?:'ll| will| would|'d)? (?:need|want|like|have|miss|expect)s? "
    r"(?P<thing>(?:the|your|that|a|an|this|those|these) [^,.;?!]+?)"
    r"(?= (?:for it|for that|so|because|and|before|until|by|to)\b|[,.;?!]|$)",
    re.I,
)


class ActionItem(TypedDict):
    """Owner or due None where none was named; ``due`` as said, "by Monday"; ``text`` the quote."""

    task: str
    owner: str | None
    due: str | None
    text: str
    evidence: list[Evidence]


class Actions(TypedDict):
    action_items: list[ActionItem]
    decisions: list[Decision]
    questions: list[Question]


@dataclass(frozen=True, slots=True)
class _Kept:
    """An item with what the next ones are compared with; ``reply`` is what its request got."""

    item: ActionItem
    terms: frozenset[str]
    unit: Unit
    reply: Unit | None


def find_actions(transcript: Transcript) -> Actions:
    """Action items, decisions and questions in the order they were said."""
    units = split_units(transcript)
    names = find_names(units, transcript)
    promises = [promise for unit in units for promise in find_promises(unit, names)]
    decisions = find_decisions(units, names)
    settled = {cited["start"] for decision in decisions for cited in decision["evidence"]}
    # "We will try it until June" is what was decided, and nobody's task.
    promises = [
        p
        for p in promises
        if p.owner or p.is_request or p.unit.start not in settled or p.unit.speaker is None
    ]
    requests = {p.unit.index for p in promises if not p.is_open and is_question(p.unit, names)}
    return Actions(
        action_items=_settle(units, promises, names),
        decisions=decisions,
        questions=find_questions(units, names, skip=requests),
    )


def _settle(
    units: Sequence[Unit], promises: Sequence[Promise], names: Collection[str]
) -> list[ActionItem]:
    """Promises with their owners; refused ones dropped, repeated ones told once."""
    kept: list[_Kept] = []
    for promise in promises:
        reply = _find_reply(units, promise.unit)
        if _is_turned_down(promise, reply):
            continue
        named = _name_things(units, promise)
        entry = _Kept(
            _write_item(units, named, reply, names), _read_terms(named), promise.unit, reply
        )
        repeated = next((known for known in kept if _is_same(entry, known, promise)), None)
        if repeated is None:
            kept.append(entry)
            continue
        item = repeated.item
        item["owner"] = item["owner"] or entry.item["owner"]
        item["due"] = item["due"] or entry.item["due"]
        item["evidence"] += [e for e in entry.item["evidence"] if e not in item["evidence"]]
    return [entry.item for entry in kept]


def _name_things(units: Sequence[Unit], promise: Promise) -> Promise:
    """ "Forward it", answered to "I will need the offer for it": the task with its thing named."""
    found = _PRONOUN.search(promise.task)
    if not found:
        return promise
    is_many = found["pronoun"].lower() == "them"
    before = units[max(0, promise.unit.index - NAMED_WITHIN_UNITS) : promise.unit.index][::-1]
    wanted = (_read_wanted(unit, promise) for unit in before)
    ended = (_read_last(unit, is_many=is_many) for unit in before[:REFERS_WITHIN_UNITS])
    thing = next(filter(None, wanted), "") or next(filter(None, ended), "")
    task = _PRONOUN.sub(lambda told: f"{told['verb']} {thing}", promise.task)
    return replace(promise, task=task) if thing else promise


def _read_wanted(unit: Unit, promise: Promise) -> str:
    """What who asks, or another than who promises, said to need."""
    is_asker = promise.is_request or unit.speaker is None or unit.speaker != promise.unit.speaker
    found = _WANTED.search(unit.text) if is_asker else None
    return found["thing"] if found else ""


def _read_last(unit: Unit, *, is_many: bool) -> str:
    """The thing a sentence ends with, where its number fits and it is no date."""
    found = _LAST_THING.search(unit.text)
    if found is None or DUE.search(f"by {found['thing']}"):
        return ""
    return found["thing"] if found["thing"].endswith("s") == is_many else ""


def _is_turned_down(promise: Promise, reply: Unit | None) -> bool:
    """Whether a request was refused, or an open one taken by nobody in a few words."""
    if promise.is_open:
        return reply is None or not takes_open(reply)
    return promise.is_request and reply is not None and is_refusal(reply)


def _write_item(
    units: Sequence[Unit], promise: Promise, reply: Unit | None, names: Collection[str]
) -> ActionItem:
    owner, grounds = promise.owner, [promise.unit]
    answered = None
    if promise.is_request and reply is not None and is_acceptance(reply):
        grounds.append(reply)
        if owner is None and is_person(reply.speaker):
            owner = reply.speaker
        answered = _find_answered_due(units, reply)
    return ActionItem(
        task=polish_title(_name_asker(promise), names),
        owner=polish_title(owner, names) if owner else None,
        due=polish_due(promise.due or _find_due(units, promise.unit) or answered, names),
        text=polish(promise.unit.text, names, is_question=is_question(promise.unit, names)),
        evidence=cite(grounds),
    )


def _find_due(units: Sequence[Unit], promised: Unit) -> str | None:
    """ "So I'll do that by Friday", or the date of a short sentence right after the promise."""
    if takes_over(promised):
        return _read_due(promised, len(promised.words))
    for unit in units[promised.index + 1 : promised.index + 2]:
        if unit.turn == promised.turn:
            return _read_due(unit, LONGEST_DUE_WORDS)
    return None


def _find_answered_due(units: Sequence[Unit], reply: Unit) -> str | None:
    """The date in an acceptance: "With pleasure. I will do it next week." """
    for unit in units[reply.index : reply.index + ANSWER_UNITS]:
        is_answer = unit is reply or (unit.turn == reply.turn and takes_over(unit))
        due = _read_due(unit, LONGEST_ANSWER_WORDS) if is_answer else None
        if due:
            return due
    return None


def _read_due(unit: Unit, most_words: int) -> str | None:
    found = DUE.search(unit.text) if len(unit.words) <= most_words else None
    return found.group().strip(" ,") if found else None


def _name_asker(promise: Promise) -> str:
    """The task with "me" replaced by who asked, where that is known."""
    if not promise.is_request or not is_person(promise.unit.speaker):
        return promise.task
    return re.sub(r"\bme\b", str(promise.unit.speaker), promise.task)


def polish_due(due: str | None, names: Collection[str]) -> str | None:
    if not due:
        return None
    title = polish_title(due, names)
    return (
        title
        if due[0].isupper()
        else title[0].lower() + title[1:]
        if " " in due
        else polish_day(title)
    )


def polish_day(day: str) -> str:
    return day if day.lower().endswith("day") and day.lower() != "today" else day.lower()


def _find_reply(units: Sequence[Unit], request: Unit) -> Unit | None:
    """The first thing the next speaker says; without speakers the next unit."""
    for unit in units[request.index + 1 : request.index + 1 + ACCEPTED_WITHIN_UNITS]:
        if unit.speaker is None or unit.turn != request.turn:
            return unit
    return None


def _read_terms(promise: Promise) -> frozenset[str]:
    words = promise.task.lower().split()
    return frozenset(stem(word.strip(",.'")) for word in words if is_content(word.strip(",.'")))


def _is_same(entry: _Kept, known: _Kept, promise: Promise) -> bool:
    """Whether an item tells a known one again, or goes on about it: "I'll send it tomorrow"."""
    owners = {entry.item["owner"], known.item["owner"]}
    if len(owners) > 1 and None not in owners:
        return False
    shared = len(entry.terms & known.terms)
    if shared and shared * 10 >= 7 * min(len(entry.terms), len(known.terms)):
        return True
    if known.reply is not None and known.reply.index == promise.unit.index:
        return bool(_THINGS.search(promise.task) or _PEOPLE.search(promise.task))
    distance = promise.unit.index - known.unit.index
    return bool(_THINGS.search(promise.task)) and 0 < distance <= REFERS_WITHIN_UNITS
