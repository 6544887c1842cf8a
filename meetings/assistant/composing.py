"""Who answers: the agent service, a language model, and always our own code as the last."""

import logging
from collections.abc import Awaitable, Callable

from meetings.assistant import agent, llm
from meetings.assistant.grounding import Grounding
from meetings.assistant.types import Answer
from meetings.backends.base import BackendError

logger = logging.getLogger(__name__)

Tell = Callable[[str], Awaitable[None]]
Forget = Callable[[], Awaitable[None]]


async def compose(
    grounding: Grounding, session_id: str, kind: str, tell: Tell, forget: Forget
) -> Answer:
    """The answer of the first that has one; ``forget`` takes back what ``tell`` has told."""
    if grounding.question.intent == "help":
        return grounding.embedded
    if agent.can_answer(grounding):
        try:
            return await agent.answer(grounding, session_id, kind)
        except BackendError as error:
            logger.warning("the agent service has no answer: %s", error)
    if llm.can_answer(grounding):
        try:
            return await llm.answer(grounding, tell)
        except BackendError as error:
            logger.warning("the language model has no answer: %s", error)
            await forget()
    return grounding.embedded
