"""What somebody typed into a search box, as words to find. Pure; nothing typed can be wrong.

Words that belong together ("don't", "follow-up", a quoted phrase) are found side by side; all of
them have to be there. While the last word is being typed its beginning is enough.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

MOST_CHARACTERS = 2_000
MOST_WORDS = 32
LONGEST_WORD = 100  # characters; Postgres refuses a query with a word of 2 KB
FEWEST_TYPED = 2  # letters, before the beginning of a word is searched for
PIECES = re.compile(r'"([^"]*)"|(\S+)')
QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
# A letter or digit and what follows, with the accents that were written behind their letters.
WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
ACCENTS = re.compile(r"[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; of the last one only the beginning, if it is a prefix."""

    words: tuple[str, ...]
    is_prefix: bool = False


def read_query(text: str) -> tuple[Phrase, ...]:
    """The phrases in the order typed; none where no letter and no digit was typed."""
    typed = unicodedata.normalize("NFC", text[:MOST_CHARACTERS]).translate(QUOTES)
    phrases: list[Phrase] = []
    left = MOST_WORDS
    for piece in PIECES.finditer(typed):
        words = tuple(word[:LONGEST_WORD] for word in WORD.findall(piece[0]))[:left]
        left -= len(words)
        if words:
            is_typing = piece[2] is not None and piece.end() == len(typed)
            phrases.append(Phrase(words, is_typing and can_be_beginning(typed, words[-1])))
    return tuple(phrases)


def can_be_beginning(typed: str, word: str) -> bool:
    """Whether the box ends with that word, and it is long enough to mean something."""
    return typed.endswith(word) and (len(word) >= FEWEST_TYPED or not word.isascii())


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Small letters without accents."""
    if word.isascii():
        return word.lower()
    return ACCENTS.sub("", unicodedata.normalize("NFKD", word)).lower()


@lru_cache(maxsize=50_000)
def find_stem(folded: str) -> str:
    """Porter's stem of an English word (Porter, "An algorithm for suffix stripping", 1980)."""
    # A new stemmer for each word: its instances are not safe in threads, and the cache is.
    return str(snowballstemmer.stemmer("porter").stemWord(folded))
