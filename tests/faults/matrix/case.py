"""One case of the fault matrix."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """``tests`` may be empty only where ``why_not`` says what is missing."""

    what: str
    tests: tuple[str, ...] = ()
    why_not: str = ""
