"""What a question asks for: its kind, its subject, the person it is about. Pure."""

import re
from dataclasses import dataclass

from meetings.analysis.hearing import normalise_word
from meetings.analysis.text import is_content, stem
from meetings.analysis.words import FUNCTION_WORDS, word_set

LONGEST_QUESTION = 2_000  # characters that are looked at
MOST_TERMS = 16
COMMON_WEIGHT = 0.4  # of a word that most meetings have, beside one that names a subject

_SAID = (
    r"(?:said|say|says|saying|mention\w*|talk\w*|discuss\w*|speak|spoke|bring|brought|came|come)"
)
# In the order in which they are tried.
INTENTS: dict[str, re.Pattern[str]] = {
    "help": re.compile(r"^(?:help|hi|hello|hey|what can you do|who are you)\b[^a-z]*$"),
    "speakers": re.compile(
        r"\bwho (?:has )?(?:spoke|talked|spoken|speaks|talks|said)"
        r"(?: the)? (?:most|least|longest)\b"
        r"|\b(?:talk|talking|speaking) time\b|\bwho (?:attended|participated|took part)\b"
        r"|\bwho (?:was|were|is) (?:there|present|in (?:this|the) (?:meeting|call))\b"
        r"|\b(?:participants|attendees)\b"
    ),
    "moment": re.compile(
        rf"\b(?:when|at (?:what|which) (?:time|point|minute|second|moment))\b.*\b{_SAID}\b"
        rf"|\bwhere in (?:the|this) (?:recording|meeting|transcript)\b"
    ),
    "questions": re.compile(r"\b(?:open|unanswered|what|which|list|all)(?: the)? questions\b"),
    "actions": re.compile(
        r"\b(?:action (?:items?|points?)|to-?dos?|tasks?|next steps?|assignments?|assigned"
        r"|responsible for)\b"
        r"|\b(?:has|have|had|need|needs|needed|supposed|promised?|agreed?|going|volunteered?)"
        r" to do\b"
        r"|\bwhat (?:does|do|should|must|will|did|is|am|are) (?:\w+ )?(?:\w+ )?(?:have to|need to"
        r"|must|supposed to|promise\w*|do\b|going to do)"
        r"|\bwho (?:will|has to|have to|needs to|is going to|must|should|shall)\b"
    ),
    "decisions": re.compile(
        r"\b(?:decid\w*|decisions?|agree|agreed|agreement|agreements|conclu\w+|settled|resolved)\b"
    ),
    "mood": re.compile(
        r"\b(?:mood|sentiment|atmosphere|emotional|emotions?)\b"
        r"|\bhow did (?:people|everyone|everybody|they|the team) feel\b"
    ),
    "keywords": re.compile(r"\bkey ?(?:words?|phrases?|terms?)\b|\bbuzzwords?\b"),
    "summary": re.compile(
        r"\bsummar\w*|\brecap\b|\btl;?dr\b|\boverview\b|\bgist\b|\b(?:key|main) points?\b"
        r"|\bcatch me up\b|\b(?:have i|did i|i) miss(?:ed)?\b|\bwhat happened\W*$"
        r"|\bwhat (?:was|is) (?:this|the|our) (?:meeting|call) about\b"
    ),
    "agenda": re.compile(
        r"\b(?:agenda|topics?|subjects?)\b|\bpurpose of\b|\bwhat was discussed\W*$"
        r"|\bwhat (?:did|do|have) (?:we|they|you|people) (?:talk\w*|discuss\w*|speak|spoken?)"
        r"(?: about)?\W*$"
    ),
}
SEARCH = "search"
DESCRIPTIONS = {
    "help": "Saying what I can do",
    "speakers": "Looking at who spoke",
    "moment": "Looking for the moment",
    "questions": "Looking through the questions",
    "actions": "Looking through the action items",
    "decisions": "Looking through the decisions",
    "mood": "Looking at the mood",
    "keywords": "Looking at the keywords",
    "summary": "Reading the summary",
    "agenda": "Looking at the topics",
    SEARCH: "Searching the transcript",
}
ELSEWHERE = re.compile(
    r"\b(?:all|other|past|previous|earlier|last|recent|any|every|my)(?: \w+)? "
    r"(?:meetings?|calls?|sessions?)\b"
)
# They say what is asked for, not what about.
NOISE = word_set("""
please tell show give list find explain describe remind say says said saying mention mentioned
mentions talk talked talks talking discuss discussed discussion discussions speak speaks spoke
meeting meetings session sessions recording transcript conversation people anybody
anyone everybody everyone somebody someone assistant ai today get got exactly know happen
happened time point moment minute
""")
INTENT_NOISE = {
    "decisions": word_set("""
        decide decided decides decision decisions agree agreed agreement agreements conclude
        concluded conclusion conclusions settled resolved make made take taken
    """),
    "actions": word_set("""
        action actions item items task tasks todo todos to-do to-dos next step steps assigned
        assignment assignments responsible need needs needed supposed promise promised agreed
        going volunteered volunteer points have
    """),
    "moment": word_set("come came bring brought first call"),
    "summary": word_set("""
        summary summaries summarise summarize recap overview gist key main points short miss missed
        catch tldr call
    """),
    "agenda": word_set("agenda topic topics subject subjects purpose call"),
    "keywords": word_set("keyword keywords key word words phrase phrases term terms"),
    "mood": word_set("mood sentiment atmosphere emotional emotion emotions feel"),
    "questions": word_set("open unanswered question questions asked ask answered"),
}
ELSEWHERE_NOISE = word_set("all other past previous earlier last recent any every my")
_CALLED = re.compile(
    r"\b(?:does|do|did|should|must|will|has|is|for|of|by|from|to|with|can|was|and)"
    r" ([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """``words`` are its subject; ``names`` whom it may be about, as they are written.

    ``is_elsewhere`` looks in other meetings alone, ``is_wide`` in them as well.
    """

    text: str
    intent: str
    words: tuple[str, ...]
    names: tuple[str, ...] = ()
    is_elsewhere: bool = False
    is_wide: bool = False

    def weigh_terms(self, language: str, without: frozenset[str] = frozenset()) -> dict[str, float]:
        """Stem -> weight of what to look for; ``without`` are words that are no subject here."""
        language = "en" if language == "auto" else language
        weights: dict[str, float] = {}
        for word in self.words:
            if word not in without:
                weight = 1.0 if is_content(word, language) else COMMON_WEIGHT
                weights[stem(word, language)] = weight
        return weights


def read_question(text: str, *, is_wide: bool = False) -> Question:
    """A question in any wording: what no pattern knows is searched for."""
    asked = " ".join(text[:LONGEST_QUESTION].replace("\u2019", "'").split())
    lowered = asked.lower()
    intent = next((name for name, known in INTENTS.items() if known.search(lowered)), SEARCH)
    is_elsewhere = ELSEWHERE.search(lowered) is not None
    subject = read_subject(asked, intent, is_elsewhere=is_elsewhere)
    return Question(
        text=asked,
        intent=intent,
        words=subject,
        names=tuple(dict.fromkeys(_CALLED.findall(asked))),
        is_elsewhere=is_elsewhere,
        is_wide=is_wide and bool(subject),
    )


def read_subject(text: str, intent: str, *, is_elsewhere: bool = False) -> tuple[str, ...]:
    """The words that say what it is about, each once; all that mean anything where none does."""
    spoken = [word.removesuffix("'s") for part in text.split() if (word := normalise_word(part))]
    meant = [word for word in dict.fromkeys(spoken) if word not in FUNCTION_WORDS]
    noise = {*NOISE, *INTENT_NOISE.get(intent, ())}
    noise |= set(ELSEWHERE_NOISE) if is_elsewhere else set()
    subject = [word for word in meant if word not in noise]
    if intent == SEARCH and not any(is_content(word) for word in subject):
        subject = meant
    return tuple(subject[:MOST_TERMS])
