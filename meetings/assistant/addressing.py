"""Whether a message speaks to the assistant. Pure."""

import re
from typing import Literal

Answers = Literal["mentions", "alone", "always", "never"]
ANSWERS: tuple[Answers, ...] = ("mentions", "alone", "always", "never")
CALLED = re.compile(r"(?<![\w@.+-])@(?:assistant|ai)\b[\s,:;.!]*", re.I)


def is_called(content: str) -> bool:
    """``@assistant`` or ``@ai``, anywhere in it."""
    return CALLED.search(content) is not None


def drop_call(content: str) -> str:
    return CALLED.sub("", content).strip()


def is_answered(kind: str, content: str, answers: str, *, is_alone: bool = False) -> bool:
    """``research`` and ``smart`` ask by their type; a ``message`` is for people unless it calls."""
    if answers == "never":
        return False
    if kind != "message" or is_called(content):
        return True
    return answers == "always" or (answers == "alone" and is_alone)
