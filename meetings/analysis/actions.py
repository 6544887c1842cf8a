"""What follows from a meeting: action items, decisions and questions."""

import re
from collections.abc import Collection, Sequence
from typing import TypedDict

from meetings.analysis.decisions import Decision, find_decisions
from meetings.analysis.promises import Promise, find_promises, is_acceptance, is_refusal
from meetings.analysis.questions import Question, find_questions, is_question
from meetings.analysis.text import Evidence, Unit, cite, find_names, is_content, split_units, stem
from meetings.analysis.wording import is_person, polish, polish_title
from transcription.types import Transcript

ACCEPTED_WITHIN_UNITS = 3
# "I can do that": more words than these tell something else.
LONGEST_TAKING_WORDS = 7


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


def find_actions(transcript: Transcript) -> Actions:
    """Action items, decisions and questions in the order they were said."""
    units = split_units(transcript)
    names = find_names(units, transcript)
    promises = [promise for unit in units for promise in find_promises(unit, names)]
    decisions = find_decisions(units, names)
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
    kept: list[tuple[ActionItem, frozenset[str]]] = []
    for promise in promises:
        reply = _find_reply(units, promise.unit)
        if _is_turned_down(promise, reply):
            continue
        item = _write_item(promise, reply, names)
        terms = _read_terms(promise)
        repeated = next((known for known, seen in kept if _is_same(item, terms, known, seen)), None)
        if repeated is None:
            kept.append((item, terms))
            continue
        repeated["owner"] = repeated["owner"] or item["owner"]
        repeated["due"] = repeated["due"] or item["due"]
        repeated["evidence"] += item["evidence"]
    return [item for item, _ in kept]


def _is_turned_down(promise: Promise, reply: Unit | None) -> bool:
    """Whether a request was refused, or an open one taken by nobody in a few words."""
    if promise.is_open:
        return reply is None or not is_acceptance(reply) or len(reply.words) > LONGEST_TAKING_WORDS
    return promise.is_request and reply is not None and is_refusal(reply)


def _write_item(promise: Promise, reply: Unit | None, names: Collection[str]) -> ActionItem:
    owner, grounds = promise.owner, [promise.unit]
    if promise.is_request and reply is not None and is_acceptance(reply):
        grounds.append(reply)
        if owner is None and is_person(reply.speaker):
            owner = reply.speaker
    return ActionItem(
        task=polish_title(_name_asker(promise), names),
        owner=polish_title(owner, names) if owner else None,
        due=polish_due(promise.due, names),
        text=polish(promise.unit.text, names, is_question=is_question(promise.unit, names)),
        evidence=cite(grounds),
    )


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


def _is_same(
    item: ActionItem, terms: frozenset[str], known: ActionItem, seen: frozenset[str]
) -> bool:
    shared = len(terms & seen)
    same_owner = item["owner"] == known["owner"] or None in {item["owner"], known["owner"]}
    return same_owner and shared > 0 and shared * 10 >= 7 * min(len(terms), len(seen))
