"""What may be written into a segment, and plain text found and replaced in it. Pure."""

import re
import unicodedata

LONGEST_TEXT = 10_000  # characters of a segment
REFUSED = frozenset({"Cc", "Cs"})  # control characters, and halves of characters


class BadText(ValueError):
    """A text that cannot stand in a transcript; the message says why."""


def clean_text(text: str) -> str:
    """The text on one line, composed (NFC); it may be empty. Raises BadText.

    White space becomes single spaces, because an empty line would end a subtitle.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(character) in REFUSED for character in line):
        raise BadText("The text must not contain control characters.")
    if len(line) > LONGEST_TEXT:
        raise BadText(f"The text of a segment has at most {LONGEST_TEXT} characters.")
    return line


def compile_finder(find: str, *, match_case: bool, whole_word: bool) -> re.Pattern[str]:
    """A pattern for exactly this text, whatever characters it has. Raises BadText if it is blank.

    Space in it stands for any white space; a whole word has no letter or digit beside it.
    """
    composed = unicodedata.normalize("NFC", find)
    if not composed.strip():
        raise BadText("The text to find must not be blank.")
    literal = r"\s+".join(re.escape(piece) for piece in re.split(r"\s+", composed))
    bounded = rf"(?<!\w){literal}(?!\w)" if whole_word else literal
    return re.compile(bounded, 0 if match_case else re.IGNORECASE)


def replace_all(finder: re.Pattern[str], replacement: str, text: str) -> tuple[str, int]:
    """The text with every occurrence replaced, and how many there were. Raises BadText."""
    # A function, because a replacement given as text would be read for backslashes.
    replaced, count = finder.subn(lambda _: replacement, text)
    return (clean_text(replaced), count) if count else (text, 0)
