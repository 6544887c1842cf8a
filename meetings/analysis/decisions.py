"""Decisions: what the group settled, in so many words or by agreeing to a proposal."""

import re
from collections.abc import Collection, Sequence
from typing import TypedDict

from meetings.analysis.questions import is_question
from meetings.analysis.text import Evidence, Unit, cite
from meetings.analysis.wording import polish
from meetings.analysis.words import IDLE_VERBS, word_set

CORE = (
    r"(?:we(?: have|'ve| had| all| both)?(?: now| just| already| all| also| finally)? "
    r"(?:decided?|agreed?|settled|resolved|chose|approved?)"
    r"|(?:it is|it's|it was|that's|that is) (?:hereby )?(?:decided|agreed|settled|approved)"
    r"|(?:the|our|my) (?:final )?decision (?:is|was)|the conclusion is)"
)
SETTLED = re.compile(
    rf"\b{CORE}\b(?P<link>(?:,? (?:to|that|on the following))?\b:?)\s*(?P<rest>.*)$", re.I
)
CHOICE = re.compile(
    r"(?:^|[,.] |\b(?:so|then|okay|ok|good|right|fine|yes)[,.]? )"
    r"(?:(?:we will|we'll|we are going to|we're going to|let's|let us) (?P<chosen>"
    r"(?:go (?:ahead )?with|use|adopt|keep|postpone|cancel|choose|stick (?:with|to)|switch to"
    r"|approve"
    r"|stop|drop|move (?:the|our) \w+ to|delay|stay with|hire|buy)\b.*)"
    r"|(?:let's|let us) (?P<agreed>\w+ .+?),? then[.!]?$)",
    re.I,
)
PROPOSAL = re.compile(
    r"\b(?:i (?:would |'d )?(?:propose|suggest|recommend)(?: that)?|my (?:proposal"
    r"|suggestion) is(?: that| to)?"
    r"|how about we|(?:why )?don't we|(?:i think )?we should|let's|let us|shall we"
    r"|should we)\s+(?P<rest>.+)$",
    re.I,
)
AGREEMENT = re.compile(
    r"^\W*(?:(?:yes|okay|ok|good|great|right|fine|all right)[,. ]+)*"
    r"(?:agreed|approved|(?:then )?(?:that's|that is|it's|it is) (?:decided|agreed|settled|a deal)"
    r"|let's do (?:that|it)|let us do (?:that|it)|(?:we|all) agree"
    r"|everyone agrees)\b\W*(?P<more>.*)$",
    re.I,
)
UNSETTLED = re.compile(
    r"\b(?:not (?:yet )?(?:decided|agreed|settled|agree)|(?:haven't|have not|hasn't|didn't"
    r"|did not|never|"
    r"can't|cannot|don't)(?: yet)? (?:decide|agree|decided|agreed|settled)|(?:if|whether|when"
    r"|until|once|"
    r"before|after|unless|until) we(?: have)? (?:decided?|agreed?)|(?:to|must|should"
    r"|could) (?:decide|agree))\b",
    re.I,
)
AGREED_ON = re.compile(
    r"^(?:then |so )?(?:to|that|we|we will|we'll|let's) (?P<rest>\w+ \w+ .+)$", re.I
)
# "Let's see then" chooses nothing; these idle verbs do.
UNCHOSEN = (IDLE_VERBS - word_set("keep stop stay")) | word_set(
    "move talk look discuss turn take wrap do"
)
PROPOSED_WITHIN_UNITS = 3
FEWEST_WORDS = 3


class Decision(TypedDict):
    """What was decided, as a sentence, and where it was said."""

    text: str
    evidence: list[Evidence]


def find_decisions(units: Sequence[Unit], names: Collection[str] = ()) -> list[Decision]:
    """Decisions in the order they were taken, each once."""
    found: dict[frozenset[str], Decision] = {}
    for unit in units:
        grounds, text = _read_decision(units, unit, names)
        if len(text.split()) < FEWEST_WORDS:
            continue
        terms = frozenset(term for ground in grounds for term in ground.terms)
        if not any(_is_same(terms, known) for known in found):
            found[terms] = Decision(text=polish(text, names), evidence=cite(grounds))
    return list(found.values())


def read_settled(text: str) -> str:
    """What "we decided to ..." or "let's ... then" settles, without those words; "" for nothing."""
    if UNSETTLED.search(text):
        return ""
    settled = SETTLED.search(text)
    if settled and len(settled["rest"].split()) >= FEWEST_WORDS:
        return settled["rest"] if settled["link"] else ""
    chosen = CHOICE.search(text)
    if not chosen:
        return ""
    words = (chosen["chosen"] or chosen["agreed"]).split()
    is_idle = chosen["agreed"] is not None and words[0].lower() in UNCHOSEN
    if words[-1].lower().strip(".!,") == "then":
        words.pop()
    return "" if is_idle else " ".join(words).rstrip(" ,")


def _read_decision(
    units: Sequence[Unit], unit: Unit, names: Collection[str]
) -> tuple[list[Unit], str]:
    """The units a decision stands on and its words; no words where nothing was decided."""
    text = unit.text
    if is_question(unit, names) or UNSETTLED.search(text):
        return [unit], ""
    if read_settled(text):
        return [unit], read_settled(text)
    settled = SETTLED.search(text)
    if settled and len(settled["rest"].split()) >= FEWEST_WORDS:
        return [unit], text[settled.start() :]
    agreed = AGREEMENT.search(text)
    more = AGREED_ON.search(agreed["more"]) if agreed else None
    if more:
        return [unit], more["rest"]
    return _find_proposal(units, unit) if agreed or settled else ([unit], "")


def _find_proposal(units: Sequence[Unit], agreement: Unit) -> tuple[list[Unit], str]:
    first = max(0, agreement.index - PROPOSED_WITHIN_UNITS)
    for unit in reversed(units[first : agreement.index]):
        proposed = PROPOSAL.search(unit.text)
        if proposed:
            return [unit, agreement], proposed["rest"].rstrip("?")
    return [agreement], ""


def _is_same(terms: frozenset[str], known: frozenset[str]) -> bool:
    return len(terms & known) * 10 >= 7 * min(len(terms), len(known))
