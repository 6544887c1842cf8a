"""How somebody answers who was asked to do something."""

import re

from meetings.analysis.text import Unit

_ACCEPTS = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|of course|no problem|absolutely|certainly|will do|gladly"
    r"|i will|i'll"
    r"|i can|all right|alright|fine|consider it done|happy to|on it)\b",
    re.I,
)
_REFUSES = re.compile(
    r"^\W*(?:no\b(?! problem| worries)|sorry|i can't|i cannot|i'm afraid|unfortunately|not me"
    r"|i won't)",
    re.I,
)
_TAKES = re.compile(
    r"\bi(?:'ll|'d| will| can| could)(?: (?:also|just|gladly|probably|happily))? (?:take (?:that"
    r"|this|it|care of)|(?:do|have|get) (?:that|this|it|them)|handle (?:that|this|it))\b"
    r"|\bleave (?:that|this|it) (?:to|with) me\b|\blet me (?:take|do|handle) (?:that|this|it)\b",
    re.I,
)
# "I can do that": more words than these tell something else.
LONGEST_TAKING_WORDS = 7


def is_acceptance(unit: Unit) -> bool:
    return bool(_ACCEPTS.search(unit.text)) or takes_over(unit)


def is_refusal(unit: Unit) -> bool:
    return bool(_REFUSES.search(unit.text))


def takes_over(unit: Unit) -> bool:
    """Whether the unit says in so many words that its speaker will do it."""
    return bool(_TAKES.search(unit.text))


def takes_open(unit: Unit) -> bool:
    """Whether the unit accepts what was asked of nobody in particular."""
    return takes_over(unit) or (is_acceptance(unit) and len(unit.words) <= LONGEST_TAKING_WORDS)
