"""Decisions: what the group settled, in so many words or by agreeing to a proposal."""

import re
from collections.abc import Collection, Sequence
from typing import TypedDict

from meetings.analysis.consent import Piece, divide, is_opposed, read_sealed
from meetings.analysis.hearing import normalise_word
from meetings.analysis.questions import is_question
from meetings.analysis.text import Evidence, Unit, cite, is_content, stem
from meetings.analysis.wording import drop_lead_in, polish
from meetings.analysis.words import FUNCTION_WORDS, IDLE_VERBS, TASK_VERBS, word_set

GROUP = (
    r"(?:the (?:whole )?(?:committee|team|board|group|council|management|meeting|commission)"
    r"|everyone|everybody)(?: has| have)?"
)
CORE = (
    rf"(?:{GROUP} (?:now |just |also |finally )?(?:decided?|agreed?|settled|resolved"
    r"|chose|approved)"
    r"|let(?:'s| us) agree"
    r"|(?:that's|that is|here's|this is)(?: then)? (?:a|our|the) (?:decision|rule|plan)"
    r"|we(?: have|'ve| had| all| both)?(?: now| just| already| all| also| finally)? "
    r"(?:decided?|agreed?|settled|resolved|chose|approved?)"
    r"|(?:it is|it's|it was|that's|that is) (?:hereby )?(?:decided|agreed|settled|approved)"
    r"|(?:the|our|my) (?:final )?decision (?:is|was)|the conclusion is)"
)
SETTLED = re.compile(
    rf"\b{CORE}\b(?P<link>(?:,? (?:to|that|on the following|on))?\b:?)\s*(?P<rest>.*)$", re.I
)
CHOICE = re.compile(
    r"(?:^|[,.] |\b(?:so|then|okay|ok|good|right|fine|yes)[,.]? )"
    r"(?:we(?:'re| are) (?P<going>going (?:with|for)\b.*)"
    r"|(?:we will|we'll|we are going to|we're going to|let's|let us) (?P<chosen>"
    r"(?:go (?:ahead )?(?:with|for)|use|adopt|keep|postpone|cancel|choose|stick (?:with|to)"
    r"|switch to|approve|take (?!a\b|care|it\b|that\b|this\b|notes|turns|time|over)"
    r"|stop|drop|move (?:the|our) \w+ to|delay|stay with|hire|buy)\b.*)"
    r"|(?:let's|let us) (?P<agreed>\w+ .+?),? then[.!]?$)"
    r"|\b(?:so|then),? (?:let's|let us) (?P<so>\w+ .+)$",
    re.I,
)
PROPOSAL = re.compile(
    r"\b(?:i(?: would|'d)? (?:propose|suggest|recommend)(?: that)?|my (?:proposal"
    r"|suggestion) is(?: that| to)?"
    r"|how about we|(?:why )?don't we|(?:i think )?we should|let's|let us|shall we"
    r"|should we)\s+(?P<rest>.+)$",
    re.I,
)
# "For the prizes I'd propose two hundred euros."
PROPOSED_FOR = re.compile(r"^(?P<about>(?:for|on) (?:the|our) (?:\w+ ?){1,3}?),? i\b", re.I)
CLOSED_THEN = re.compile(
    r"^\W*(?:(?:right|good|okay|ok|fine|all right|alright|great|well)\W+)+"
    r"(?P<rest>(?!(?:i|you|that|it|see|and|that's|it's|what|how|who)\b|let|we'll see|bye|thank)\w+"
    r".*?),? then[.!]?$",
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
# "We agreed on that last time": the decision stands in the sentence before.
REFERS_BACK = re.compile(
    r"^\W*(?:on |to |upon )?(?:that|this|it)\b(?! we\b| the\b| \w+ will)", re.I
)
# "Let's see then" chooses nothing; these idle verbs do.
UNCHOSEN = (IDLE_VERBS - word_set("keep stop stay")) | word_set(
    "move talk look discuss turn take wrap do agree come hope assume say face try focus meet"
)
PROPOSED_WITHIN_UNITS = 4
FEWEST_WORDS, FEWEST_CLOSED_WORDS = 3, 5


class Decision(TypedDict):
    """What was decided, as a sentence, and where it was said."""

    text: str
    evidence: list[Evidence]


def find_decisions(units: Sequence[Unit], names: Collection[str] = ()) -> list[Decision]:
    """Decisions in the order they were taken, each once."""
    found: dict[frozenset[str], Decision] = {}
    pieces = divide(units)
    direct = [_read_decision(units, unit, names) for unit in units]
    sealed = [
        _read_assent(units, pieces, position)
        for position, piece in enumerate(pieces)
        if not direct[piece.unit.index][1]
    ]
    # Evidence of one decision is told in the order in which it was said.
    closed = [_read_closed(units, unit) for unit in units if not direct[unit.index][1]]
    for grounds, text in sorted(
        [*direct, *sealed, *closed], key=lambda reading: reading[0][-1].index
    ):
        if len(text.split()) < FEWEST_WORDS:
            continue
        terms = _read_terms(text)
        if terms and not any(_is_same(terms, known) for known in found):
            found[terms] = Decision(text=polish(text, names), evidence=cite(grounds))
    return list(found.values())


def _read_terms(text: str) -> frozenset[str]:
    """Stems of what the text speaks of; of its other words where it has no content word."""
    words = [word for token in text.split() if (word := normalise_word(token))]
    spoken = [word for word in words if is_content(word)]
    return frozenset(stem(word) for word in spoken or words if word not in FUNCTION_WORDS)


def read_settled(text: str) -> str:
    """What "we decided to ..." or "let's ... then" settles, without those words; "" for nothing."""
    if UNSETTLED.search(text):
        return ""
    settled = SETTLED.search(text)
    if settled and len(settled["rest"].split()) >= FEWEST_WORDS:
        is_back = REFERS_BACK.search(settled["rest"])
        return settled["rest"] if settled["link"] and not is_back else ""
    chosen = CHOICE.search(text)
    if not chosen:
        return ""
    if chosen["going"]:
        return re.sub(r"^going", "go", chosen["going"], flags=re.I)
    words = (chosen["chosen"] or chosen["agreed"] or chosen["so"]).split()
    verb = words[0].lower()
    is_idle = not chosen["chosen"] and verb in UNCHOSEN
    is_idle = is_idle or bool(chosen["so"] and verb not in TASK_VERBS)
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
    if settled and REFERS_BACK.search(f"{settled['link'] or ''} {settled['rest']}"):
        return [unit], ""
    if settled and len(settled["rest"].split()) >= FEWEST_WORDS:
        return [unit], _read_named(settled) or text[settled.start() :]
    agreed = AGREEMENT.search(text)
    more = AGREED_ON.search(agreed["more"]) if agreed else None
    if more:
        return [unit], more["rest"]
    return _find_proposal(units, unit) if agreed or settled else ([unit], "")


def _read_assent(
    units: Sequence[Unit], pieces: Sequence[Piece], position: int
) -> tuple[list[Unit], str]:
    """What a formula settles: a statement of its own turn, else what somebody proposed before."""
    grounds, text = read_sealed(pieces, position)
    piece = pieces[position]
    if text or not piece.is_formula or is_opposed(pieces, position):
        return grounds, text
    return _find_proposal(units, piece.unit)


def _read_closed(units: Sequence[Unit], unit: Unit) -> tuple[list[Unit], str]:
    """ "Right. It takes place in the gym then.", said of what was open."""
    before = units[unit.index - 1] if unit.index else unit
    is_led = before.turn == unit.turn and not drop_lead_in(list(before.words))
    closed = CLOSED_THEN.search(f"okay {unit.text}" if is_led else unit.text)
    is_long = closed is not None and len(closed["rest"].split()) >= FEWEST_CLOSED_WORDS
    return [unit], closed["rest"] if closed is not None and is_long else ""


def _read_named(settled: re.Match[str]) -> str:
    """What follows "that's a decision, ..."."""
    is_named = re.search(
        r"(?:decision|rule|plan)$", settled.group()[: settled.start("link") - settled.start()]
    )
    return settled["rest"].lstrip(" ,:") if is_named else ""


def _find_proposal(units: Sequence[Unit], agreement: Unit) -> tuple[list[Unit], str]:
    first = max(0, agreement.index - PROPOSED_WITHIN_UNITS)
    for unit in reversed(units[first : agreement.index]):
        proposed = PROPOSAL.search(unit.text)
        if proposed:
            subject = PROPOSED_FOR.match(unit.text)
            about = f" {subject['about'].lower()}" if subject else ""
            return [unit, agreement], proposed["rest"].rstrip("?.!, ") + about
    return [agreement], ""


def _is_same(terms: frozenset[str], known: frozenset[str]) -> bool:
    return len(terms & known) * 10 >= 7 * min(len(terms), len(known))
