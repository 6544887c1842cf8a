"""A language model behind any OpenAI-compatible endpoint, held to what was really said.

A long meeting is asked about part by part (map); the checked claims of all parts are joined by
our own code, and only which of them a summary keeps is asked once more (reduce).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from pydantic import BaseModel

from meetings.backends.base import BackendConfused, Result, breaker
from meetings.backends.completion import address, ask
from meetings.backends.evidence import Court
from meetings.backends.findings import join_actions, join_keywords, join_moods
from meetings.backends.minutes import join_agendas, join_summaries
from meetings.backends.prompts import TASKS, divide
from meetings.backends.schemas import (
    ActionsAnswer,
    AgendaAnswer,
    KeywordsAnswer,
    MoodAnswer,
    SummaryAnswer,
)
from transcription.types import Transcript


class Plan(NamedTuple):
    """What is asked for of each part, and how the answers become one result."""

    schema: type[BaseModel]
    join: Callable[[Court, Sequence[Any]], Mapping[str, Any]]


PLANS = {
    "summary": Plan(SummaryAnswer, join_summaries),
    "keywords": Plan(KeywordsAnswer, join_keywords),
    "mood": Plan(MoodAnswer, join_moods),
    "agenda": Plan(AgendaAnswer, join_agendas),
    "actions": Plan(ActionsAnswer, join_actions),
}


def can_analyse(stage: str) -> bool:
    """Whether it is set up, knows the stage, and was not away a moment ago."""
    is_set_up = bool(settings.LLM_BASE_URL and settings.LLM_MODEL)
    return is_set_up and stage in PLANS and not breaker.is_open(address())


def analyse(stage: str, transcript: Transcript) -> Result:
    """The shape of the local analysis, with ``dropped``: claims that nobody said.

    Raises BackendError.
    """
    plan, court = PLANS[stage], Court(transcript)
    answers = [
        ask(stage, TASKS[stage], [line for _, line in part], plan.schema)
        for part in divide(transcript, settings.LLM_MAX_TOKENS)
    ]
    if not answers:
        raise BackendConfused("there are no words to ask about")
    result = plan.join(court, answers)
    return {**result, "engine": f"llm:{settings.LLM_MODEL}", "dropped": court.dropped}
