"""The analyses of a finished transcript, by the name of their stage, in the order they run."""

from collections.abc import Callable, Mapping
from typing import Any

from meetings.analysis.actions import find_actions
from meetings.analysis.agenda import find_agenda
from meetings.analysis.keywords import find_keywords
from meetings.analysis.metrics import measure
from meetings.analysis.mood import read_mood
from meetings.analysis.summary import summarize
from transcription.types import Transcript

ANALYSES: Mapping[str, Callable[[Transcript], Any]] = {
    "summary": summarize,
    "keywords": find_keywords,
    "mood": read_mood,
    "agenda": find_agenda,
    "actions": find_actions,
    "metrics": measure,
}
