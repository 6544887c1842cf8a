"""What a group settles by assent: "Any objections? No.", "Then that is decided."

Such a formula decides the statement beside it: the one that follows with "so" or "then", else the
one before it in the same turn.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meetings.analysis.hearing import QUESTION_MARKS, ends_sentence
from meetings.analysis.replies import is_acceptance, is_refusal
from meetings.analysis.text import Unit
from meetings.analysis.wording import drop_lead_in, drop_noise

_ALL = r"(?:everyone|everybody|anyone|anybody|you all|all of you|the others)"
_SEALED = r"(?:decided|agreed|settled|approved|resolved|carried|adopted|a deal|a decision)"
SEAL = re.compile(
    rf"(?:(?:that|it|this)(?:'s| is| was| stands)(?: then| now| hereby)? {_SEALED}"
    r"|(?:the )?(?:motion|proposal)(?: is| was)? (?:carried|adopted|approved|passed|accepted)"
    r"|that settles (?:it|that|the matter)|(?:we(?:'ve| have) )?settled that"
    r"|we(?:'ve| have)?(?: all)? (?:agreed|decided) (?:on |upon )?(?:that|this|it))\b",
    re.I,
)
BRIEF_SEAL = re.compile(r"(?:so )?(?:decided|settled|carried|done deal)\W*$", re.I)
CONSENT = re.compile(
    r"(?:(?:all|who(?: is|'s)?) (?:those )?in favou?r|any objections?|(?:does|do|would) "
    rf"{_ALL} (?:object|disagree|mind)|(?:is|does) (?:that|this|it) (?:acceptable|all right|alright"
    rf"|okay|ok|fine|agreeable|work)(?: (?:with|for|to) (?:{_ALL}|all|you|us))?"
    rf"|(?:(?:is|are) )?{_ALL} (?:okay|ok|fine|happy|all right|in agreement)"
    r"(?: with (?:that|this|it))?"
    rf"|(?:{_ALL} agree[sd]?|are we (?:all )?agreed|do we (?:all )?agree"
    r"|can we agree on (?:that|this))"
    r")\b",
    re.I,
)
# As one word of a longer sentence "agreed" asks nobody.
BRIEF_CONSENT = re.compile(r"^\W*(?:agreed|okay for everyone|everyone agreed)\W*\?$", re.I)
_GOES_ON = re.compile(r"[,:]|\s(?:that|to|on|as)\b")
_OBJECTION = re.compile(r"\b(?:object|mind|disagree|objections?)\b", re.I)
_CONCLUDES = re.compile(
    r"^\W*(?:(?:good|okay|ok|right|all right|fine|great|yes|no)\W+)*(?:so|then)\b", re.I
)
_WE = re.compile(r"^\W*we\b(?! (?:have|are|were|had) )", re.I)
_PREFACE = re.compile(
    r"^\W*(?:(?:and |so |then |now |but |therefore )*)(?:(?:i(?: would|'d)? (?:move|propose|suggest"
    r"|recommend)|let us agree|let's agree|my (?:proposal|suggestion) is|the proposal is)"
    r"(?: that| to| on)?\b:?)?\s*",
    re.I,
)
_PROPOSES = re.compile(
    r"^\W*(?:(?:and|so|then|okay|good)\W+)*(?:so|then)?\W*we (?:\w+\W+){2}", re.I
)
_TAIL = re.compile(r"[?,]*\s*(?:and|so|then)?\s*$", re.I)
REACH = 4  # pieces to either side
FEWEST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or what is left of one where a formula stands in it without a mark."""

    unit: Unit
    text: str
    is_formula: bool = False


def divide(units: Iterable[Unit]) -> list[Piece]:
    return [piece for unit in units for piece in _divide(unit)]


def _divide(unit: Unit) -> list[Piece]:
    text = " ".join(drop_noise(unit.text.split()))
    if _is_formula(text):
        return [Piece(unit, text, is_formula=True)]
    found = None if ends_sentence(text) else SEAL.search(text) or CONSENT.search(text)
    found = found or (BRIEF_SEAL.search(text) if not ends_sentence(text) else None)
    tail = SEAL.search(text)
    if not found and tail and _ends_with(text, tail):
        found = tail
    if not found:
        return [Piece(unit, text)]
    parts = [(text[: found.start()], False), (found.group(), True), (text[found.end() :], False)]
    return [Piece(unit, part.strip(" ,"), flag) for part, flag in parts if part.strip(" ,.?!")]


def _ends_with(text: str, found: re.Match[str]) -> bool:
    return not text[found.end() :].strip(" .!") and found.start() > 0


def _is_formula(text: str) -> bool:
    """Whether the sentence says nothing else; a consent has to be a question."""
    if text.endswith(QUESTION_MARKS):
        return bool(BRIEF_CONSENT.search(text) or CONSENT.search(text))
    spoken = " ".join(drop_lead_in(text.split()))
    if BRIEF_SEAL.match(spoken):
        return True
    found = SEAL.match(spoken)
    return found is not None and not _GOES_ON.match(spoken[found.end() :])


def read_sealed(pieces: Sequence[Piece], position: int) -> tuple[list[Unit], str]:
    """The units a formula's decision stands on and its words; no words where it settles nothing."""
    formula = pieces[position]
    if not formula.is_formula or is_opposed(pieces, position):
        return [formula.unit], ""
    stated = _find_conclusion(pieces, position) or _find_before(pieces, position)
    if stated is None:
        return [formula.unit], ""
    units = sorted({stated.unit.index: stated.unit, formula.unit.index: formula.unit}.items())
    return [unit for _, unit in units], _strip(stated.text)


def _find_conclusion(pieces: Sequence[Piece], position: int) -> Piece | None:
    formula = pieces[position]
    for piece in pieces[position + 1 : position + REACH]:
        if piece.unit.turn != formula.unit.turn:
            return None
        if _is_statement(piece) and (
            _CONCLUDES.search(piece.text) or (SEAL.search(formula.text) and _WE.search(piece.text))
        ):
            return piece
        if len(piece.text.split()) >= FEWEST_WORDS and not piece.is_formula:
            return None
    return None


def _find_before(pieces: Sequence[Piece], position: int) -> Piece | None:
    formula = pieces[position]
    for piece in reversed(pieces[max(0, position - REACH) : position]):
        if piece.unit.turn != formula.unit.turn:
            return None
        if _is_statement(piece):
            return piece
        if CONSENT.search(formula.text) and _PROPOSES.match(piece.text):
            return piece
    return None


def _is_statement(piece: Piece) -> bool:
    is_asked = piece.text.endswith(QUESTION_MARKS)
    return not piece.is_formula and not is_asked and len(piece.text.split()) >= FEWEST_WORDS


def is_opposed(pieces: Sequence[Piece], position: int) -> bool:
    """Whether the next speaker said no, or yes to "any objections"."""
    formula = pieces[position]
    answers = pieces[position + 1 : position + 2]
    if SEAL.search(formula.text) or not answers:
        return False
    unit = answers[0].unit
    if unit.turn == formula.unit.turn:
        return False
    return is_acceptance(unit) if _OBJECTION.search(formula.text) else is_refusal(unit)


def _strip(text: str) -> str:
    words = " ".join(drop_lead_in(text.split()))
    return _TAIL.sub("", _PREFACE.sub("", words)).strip()
