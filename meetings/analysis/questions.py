"""Questions and their answers, also where nobody wrote a question mark."""

from collections.abc import Collection, Sequence
from typing import TypedDict

from meetings.analysis.hearing import QUESTION_MARKS, ends_sentence
from meetings.analysis.text import Evidence, Unit, cite
from meetings.analysis.wording import drop_lead_in, is_person, is_small_talk, polish
from meetings.analysis.words import word_set

WH_WORDS = word_set("""
what when where why who whom whose which how
""")
AUXILIARIES = frozenset(
    word_set("""
is are was were am do does did can could will would shall should have has had may might must
isn't aren't don't doesn't didn't can't couldn't won't wouldn't shouldn't haven't hasn't
""")
)
PRONOUNS = frozenset(
    word_set("""
i we you he she it they this that these those there anyone anybody someone somebody everyone the
our your my
""")
)
AFTER_WH = AUXILIARIES | frozenset(
    word_set("""
happened happens about much many long often far else exactly soon kind time date day
""")
)
# "Which is why", "what is important is": a clause, not a question.
CLAUSE_AFTER_WH = frozenset(
    {("which", "is"), ("which", "was"), ("which", "are"), ("which", "will")}
)
ANSWER_UNITS = 2
ANSWER_WITHIN_SECONDS = 20.0
FEWEST_WORDS = 2


class Question(TypedDict):
    """``answer`` is empty where nobody answered; ``evidence`` is that of the question."""

    text: str
    speaker: str | None
    answer: str
    answered_by: str | None
    evidence: list[Evidence]
    answer_evidence: list[Evidence]


def is_question(unit: Unit, names: Collection[str] = ()) -> bool:
    last = unit.text.rsplit(" ", 1)[-1]
    if ends_sentence(last):
        return any(mark in last for mark in QUESTION_MARKS)
    words = drop_lead_in(list(unit.words))
    if words and words[0] in names:
        words = words[1:]
    if len(words) < FEWEST_WORDS:
        return False
    first, second = words[0], words[1]
    if first in WH_WORDS:
        return second in AFTER_WH and (first, second) not in CLAUSE_AFTER_WH
    return first in AUXILIARIES and second in PRONOUNS


def find_questions(
    units: Sequence[Unit], names: Collection[str] = (), skip: Collection[int] = ()
) -> list[Question]:
    """Questions of substance in order; ``skip`` are units that are requests, not questions."""
    found: list[Question] = []
    for unit in units:
        if unit.index in skip or not is_question(unit, names) or is_small_talk(unit):
            continue
        text = polish(_drop_vocative(unit.text, names), names, is_question=True)
        if len(text.split()) < FEWEST_WORDS:
            continue
        answer = _find_answer(units, unit, names)
        found.append(
            Question(
                text=text,
                speaker=unit.speaker,
                answer=" ".join(polish(part.text, names) or part.text for part in answer),
                answered_by=answer[0].speaker if answer else None,
                evidence=cite([unit]),
                answer_evidence=cite(answer),
            )
        )
    return found


def _drop_vocative(text: str, names: Collection[str]) -> str:
    words = drop_lead_in(text.split())
    if len(words) > FEWEST_WORDS and words[0].lower().strip(",") in names:
        words = words[1:]
    return " ".join(words)


def _find_answer(units: Sequence[Unit], question: Unit, names: Collection[str]) -> list[Unit]:
    """What the next speaker says; without speakers, the next statement."""
    answer: list[Unit] = []
    for unit in units[question.index + 1 : question.index + 12]:
        if unit.start - question.end > ANSWER_WITHIN_SECONDS and not answer:
            break
        if unit.speaker is not None and unit.turn == question.turn:
            continue
        if (answer and unit.turn != answer[0].turn) or is_question(unit, names):
            break
        answer.append(unit)
        if unit.speaker is None or (not is_person(unit.speaker) and len(answer) >= ANSWER_UNITS):
            break
        if len(answer) >= ANSWER_UNITS:
            break
    return answer
