"""The agent service asked for an answer; see docs/assistant.md for what is sent and expected."""

import asyncio
from typing import Any

from django.conf import settings
from pydantic import BaseModel, Field, ValidationError

from meetings.assistant.grounding import Grounding
from meetings.assistant.types import Answer
from meetings.backends.base import BackendConfused, breaker
from meetings.backends.citations import clean_text
from meetings.backends.wire import post_json

TIMEOUT_SECONDS = 10.0  # leaves the next in line most of the time that there is
MOST_SOURCES = 20
LONGEST_ANSWER = 8_000  # characters


class AgentReply(BaseModel):
    """``sources`` are numbers of the passages that were sent."""

    success: bool
    answer: str = ""
    sources: list[int] = Field(default_factory=list, max_length=200)
    error: Any = None


def address() -> str:
    return f"{settings.AGENT_SERVICE_URL.rstrip('/')}/api/agents/answer"


def can_answer(grounding: Grounding) -> bool:
    return bool(settings.AGENT_SERVICE_URL) and not breaker.is_open(address())


async def answer(grounding: Grounding, session_id: str, kind: str) -> Answer:
    """Its words; a source that is none of the passages is dropped. Raises BackendError."""
    body = write_request(grounding, session_id, kind)
    found = await asyncio.to_thread(post_json, address(), body, {}, TIMEOUT_SECONDS)
    try:
        reply = AgentReply.model_validate(found)
    except ValidationError as error:
        raise BackendConfused("the agent service answered in another shape") from error
    lines = [clean_text(line) for line in reply.answer[:LONGEST_ANSWER].splitlines()]
    text = "\n".join(line for line in lines if line)
    if not reply.success or not text:
        raise BackendConfused(f"the agent service has no answer: {reply.error}"[:300])
    numbers = list(dict.fromkeys(reply.sources))
    known = [n for n in numbers if 1 <= n <= len(grounding.cited)][:MOST_SOURCES]
    return Answer(
        text=text,
        intent=grounding.question.intent,
        cited=tuple(grounding.cited[n - 1] for n in known),
        engine="agent",
        dropped=len(numbers) - len(known),
    )


def write_request(grounding: Grounding, session_id: str, kind: str) -> dict[str, Any]:
    return {
        "query": grounding.question.text,
        "kind": kind,
        "intent": grounding.question.intent,
        "session_id": session_id,
        "history": [{"role": role, "content": said} for role, said in grounding.history],
        "passages": [
            {
                "number": number,
                "session_id": it.document.session_id,
                "title": it.document.title,
                "start_ms": round(it.passage.start * 1000),
                "speaker": it.passage.speaker,
                "text": it.passage.text,
            }
            for number, it in enumerate(grounding.cited, start=1)
        ],
    }
