"""What a language model says, claim by claim, held to the passages that it cites. Pure.

A claim is the text up to its ``[numbers]``. It is shown once it is complete and stands: so a
viewer of the stream never reads what the final message has to take back.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from meetings.analysis.hearing import normalise_word
from meetings.analysis.text import is_content, stem
from meetings.assistant.matching import read_stems
from meetings.assistant.types import Cited
from meetings.backends.citations import clean_text, is_said, read_words

LONGEST_CLAIM = 1_200  # characters
# Of a sentence's content words: as many have to stand in the passages it cites, or beside them.
SUPPORT_SHARE = 0.4
FEWEST_QUOTED = 3  # words that make a quotation
NOT_FOUND = "NOT FOUND"
THOUGHT, THOUGHT_END = "<think>", "</think>"  # what some models write before they answer
_ONE = r"\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]"
_GROUP = re.compile(rf"{_ONE}(?:[ ,;]*{_ONE})*[.!?]?")
_NUMBER = re.compile(r"\d{1,4}")
_MARK = re.compile(r"\s*\[[\d\s,;]*\]\s*")
_QUOTED = re.compile('[\u201c\u201e\u00ab"]([^\u201c\u201d\u201e\u00ab\u00bb"]+)[\u201d\u00bb"]')
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass
class ClaimReader:
    """Takes the text as it comes; ``used`` are the passages cited, in the order of their marks."""

    cited: Sequence[Cited]
    language: str = "en"
    used: list[Cited] = field(default_factory=list)
    dropped: int = 0
    waiting: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.told).strip()

    def feed(self, piece: str) -> Iterator[str]:
        """The claims that are complete with this piece and stand."""
        self.waiting += piece
        if self.waiting.lstrip().startswith(THOUGHT):
            _, end, rest = self.waiting.partition(THOUGHT_END)
            if not end:
                return
            self.waiting = rest
        yield from self.take(is_end=False)

    def finish(self) -> Iterator[str]:
        yield from self.take(is_end=True)

    def take(self, *, is_end: bool) -> Iterator[str]:
        while group := _GROUP.search(self.waiting):
            if not is_end and not self.waiting[group.end() :].strip(" ,;"):
                return  # more numbers may follow
            claim, numbers = self.waiting[: group.start()], _NUMBER.findall(group[0])
            self.waiting = self.waiting[group.end() :]
            if shown := self.judge(claim, {int(number) for number in numbers}):
                lead = "" if not self.told else "\n" if "\n" in claim[:3] else " "
                self.told.append(lead + shown)
                yield lead + shown
        if is_end and clean_text(self.waiting):
            self.dropped += 1

    def judge(self, claim: str, numbers: set[int]) -> str:
        """The claim with our own marks; empty where it does not stand."""
        named = [self.cited[n - 1] for n in sorted(numbers) if 1 <= n <= len(self.cited)]
        self.dropped += len(named) < len(numbers)
        if not named:
            return ""
        sentences = [clean_text(part) for part in _SENTENCE.split(claim.lstrip("\n -*\u2022"))]
        kept = [text for text in sentences if text and self.stands(text, named)]
        self.dropped += sum(bool(text) for text in sentences) - len(kept)
        standing = [it for it in named if any(shares(text, it, self.language) for text in kept)]
        if not kept or not standing:
            return ""
        marks = "".join(f"[{self.number(it)}]" for it in standing)
        return f"{_MARK.sub(' ', ' '.join(kept))[:LONGEST_CLAIM].strip()} {marks}"

    def stands(self, text: str, named: Sequence[Cited]) -> bool:
        said = [word for it in named for word in read_words(it.passage.text)]
        quotes = [
            words for q in _QUOTED.findall(text) if len(words := read_words(q)) >= FEWEST_QUOTED
        ]
        if not all(is_said(words, said) for words in quotes):
            return False
        terms = read_terms(text, self.language)
        if not terms:
            return bool(named)
        known = {term for it in named for term in read_around(it, self.language)}
        return len(terms & known) >= SUPPORT_SHARE * len(terms)

    def number(self, it: Cited) -> int:
        if it not in self.used:
            self.used.append(it)
        return self.used.index(it) + 1


def read_terms(text: str, language: str) -> set[str]:
    known = "en" if language == "auto" else language
    words = (normalise_word(word).removesuffix("'s") for word in text.split())
    return {stem(word, known) for word in words if is_content(word, known)}


def shares(text: str, it: Cited, language: str) -> bool:
    """Whether the passage has anything to do with the sentence."""
    terms = read_terms(text, language)
    return not terms or bool(terms & set(read_around(it, language)))


def read_around(it: Cited, language: str) -> list[str]:
    """The stems of a passage and its neighbours, and of who speaks in it."""
    passages = it.document.passages
    place = passages.index(it.passage)
    near = passages[max(0, place - 1) : place + 2]
    spoken = " ".join(f"{passage.speaker or ''} {passage.text}" for passage in near)
    return list(read_stems(spoken, language))
