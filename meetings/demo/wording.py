"""Text from outside made fit for a terminal, and times as people write them. Pure."""

import unicodedata

# Joiners belong to words (Persian, Hindi, emoji); every other format character can hide text.
JOINERS = {"\u200c", "\u200d"}


def clean_text(text: object, encoding: str = "utf-8") -> str:
    """One line without control, direction or escape characters, in what ``encoding`` can say.

    What was heard or answered is untrusted: an escape sequence in it could write anywhere on
    the screen.
    """
    line = " ".join(str(text).split())
    safe = "".join(character for character in line if is_printable(character))
    return safe.encode(encoding, "replace").decode(encoding)


def is_printable(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn"}


def format_time(seconds: float) -> str:
    """``m:ss``, from an hour on ``h:mm:ss``; rounded down, as players do."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, noun: str) -> str:
    """``1 word``, ``2 words``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
