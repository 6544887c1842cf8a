"""Untrusted text made fit for one line of any file, and times as people write them."""

import unicodedata

# Joiners belong to words (Persian, Hindi, emoji); every other format character can hide text.
JOINERS = frozenset("\u200c\u200d")
UNFIT = frozenset({"Cc", "Cf", "Cs"})
# Two at the end of every plane, and 32 more: never characters, and XML refuses some.
PLANE_END = 0xFFFE
NONCHARACTERS = range(0xFDD0, 0xFDF0)


def clean_line(text: str) -> str:
    """One line, without what XML refuses and what turns or hides text."""
    line = "".join(character if is_fit(character) else " " for character in text)
    return " ".join(line.split())


def is_fit(character: str) -> bool:
    if character in JOINERS:
        return True
    code = ord(character)
    is_noncharacter = code & PLANE_END == PLANE_END or code in NONCHARACTERS
    return not is_noncharacter and unicodedata.category(character) not in UNFIT


def format_moment(seconds: float) -> str:
    """``m:ss``, from an hour on ``h:mm:ss``; rounded down, as players do."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_date(moment: str) -> str:
    """``2026-11-22 10:42 UTC`` of an RFC 3339 time in UTC."""
    return f"{moment[:10]} {moment[11:16]} UTC"
