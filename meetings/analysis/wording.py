"""Spoken words made readable: fillers dropped, names and sentence starts capitalised."""

import re
from collections.abc import Collection, Iterable

from meetings.analysis.hearing import DASHES, ends_sentence, normalise_word
from meetings.analysis.text import Unit
from meetings.analysis.words import FILLERS, GREETINGS, MONTHS, WEEKDAYS, word_set

# Words a speaker starts with before the sentence starts.
LEAD_INS = frozenset(
    word_set("""
okay ok so well yeah yes yep right alright now and but then also great perfect sure thanks fine
good cool actually basically anyway hmm oh exactly agreed correct absolutely excellent
""")
)
LEAD_IN_PHRASES = (
    ("all", "right"),
    ("of", "course"),
    ("thank", "you"),
    ("i", "mean"),
    ("you", "know"),
    ("good", "morning", "everyone"),
    ("good", "afternoon", "everyone"),
    ("hello", "everyone"),
    ("hi", "everyone"),
    ("i", "think", "that"),
    ("i", "think"),
    ("i", "believe"),
    ("i", "guess"),
    ("i", "agree"),
    ("for", "me"),
    ("to", "be", "honest"),
)
# "march" and "may" are also verbs: they stay small where nobody capitalised them.
CAPITALISED = (MONTHS - {"march", "may"}) | WEEKDAYS | {"english"}
_DATED_MONTH = re.compile(r"(?<=\b(?:of|in|by) )(?:march|may)\b")
_KEEPS_GOOD = word_set("""
is are was were point points as enough luck
""")
_FIRST_PERSON = {
    "i": "{}",
    "i'll": "{} will",
    "i'm": "{} is",
    "i've": "{} has",
    "i'd": "{} would",
}
_THIRD_PERSON_VERBS = {"am": "is", "have": "has", "need": "needs", "want": "wants", "do": "does"}


def polish(text: str, names: Collection[str] = (), *, is_question: bool = False) -> str:
    """One readable sentence; empty where only fillers were said."""
    words = drop_lead_in(drop_noise(text.split()))
    if not words:
        return ""
    sentence = " ".join(_capitalise(word, names) for word in words).lstrip(f" ,;:{DASHES}")
    sentence = _DATED_MONTH.sub(lambda found: found.group().title(), sentence)
    sentence = _raise_first(sentence).rstrip(f" ,;:{DASHES}")
    if ends_sentence(sentence.rsplit(" ", 1)[-1]):
        return sentence
    return sentence.rstrip(".") + ("?" if is_question else ".")


def polish_title(text: str, names: Collection[str] = ()) -> str:
    words = [_capitalise(word, names) for word in text.split()]
    return _raise_first(" ".join(words).strip(f" ,;:.?!{DASHES}"))


def drop_lead_in(words: list[str]) -> list[str]:
    """The words without what a speaker says while still deciding what to say."""
    first = 0
    while first < len(words):
        step = _measure_lead_in([normalise_word(word) for word in words[first : first + 4]])
        if not step:
            break
        first += step
    return words[first:]


def is_small_talk(unit: Unit) -> bool:
    """Greetings, thanks and goodbyes: nothing a reader of the minutes wants."""
    meaningful = [word for word in unit.words if word not in GREETINGS and word not in LEAD_INS]
    return len(meaningful) <= len(unit.words) // 4


def report_speech(sentence: str, speaker: str | None) -> str:
    """A polished sentence that starts with "I", told about its speaker where one is known."""
    words = sentence.split()
    subject = _FIRST_PERSON.get(words[0].lower()) if words else None
    if subject is None or not is_person(speaker):
        return sentence
    rest = words[1:]
    if words[0] == "I" and rest:
        rest[0] = _THIRD_PERSON_VERBS.get(rest[0], rest[0])
    return " ".join([subject.format(speaker), *rest])


def is_person(speaker: str | None) -> bool:
    """Whether a speaker label is a name and not a number of a diarizer."""
    return bool(speaker) and not re.search(r"\d|_|^(speaker|unknown)\b", str(speaker), re.I)


def join_list(parts: Iterable[str]) -> str:
    items = list(parts)
    if len(items) <= 1:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def lower_first(text: str) -> str:
    """The text for the middle of a sentence; acronyms and names keep their capitals."""
    first, _, rest = text.partition(" ")
    is_plain = first[1:].islower() or first == "A"
    return f"{first.lower() if is_plain else first}{' ' if rest else ''}{rest}"


def drop_noise(words: list[str]) -> list[str]:
    """The words without fillers, and each repeated word once."""
    kept: list[str] = []
    for word in words:
        plain = normalise_word(word)
        if plain in FILLERS and not ends_sentence(word):
            continue
        if kept and plain and plain == normalise_word(kept[-1]) and plain not in {"that", "had"}:
            kept[-1] = word
            continue
        kept.append(word)
    return kept


def _measure_lead_in(words: list[str]) -> int:
    for phrase in LEAD_IN_PHRASES:
        if tuple(words[: len(phrase)]) == phrase:
            return len(phrase)
    if not words or (words[0] and words[0] not in LEAD_INS):
        return 0
    followed = words[1] if len(words) > 1 else ""
    is_meant = words[0] in {"good", "great", "right"} and (
        followed in _KEEPS_GOOD or followed not in GREETINGS | LEAD_INS | {"i", "we", "let's"}
    )
    return 0 if is_meant else 1


def _capitalise(word: str, names: Collection[str]) -> str:
    if not word.islower():
        return word
    plain = normalise_word(word)
    base = plain.removesuffix("'s")
    is_first_person = base == "i" or plain.startswith("i'")
    is_named = is_first_person or base in CAPITALISED or base in names
    return word[:1].upper() + word[1:] if is_named else word


def _raise_first(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
