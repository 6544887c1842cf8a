"""One question to an OpenAI-compatible endpoint, answered by a checked object.

Spoken with httpx, which the product has anyway: the one route needs no SDK, local servers differ
most in what the SDK adds, and the limits of ``wire`` hold for the whole answer.
"""

import re
from typing import Any, TypeVar

from django.conf import settings
from pydantic import BaseModel, ValidationError

from meetings.backends.base import BackendConfused, BackendRefused
from meetings.backends.prompts import ANSWER_SHARE, Message, describe_format, write_messages
from meetings.backends.wire import post_json

Answer = TypeVar("Answer", bound=BaseModel)
_FENCED = re.compile(r"```[a-z]*\s*\n?(?P<inside>.*?)```", re.I | re.S)
_THOUGHT = re.compile(r"<think>.*?</think>", re.I | re.S)
# What servers answer that do not know a field of the request.
UNKNOWN_FIELD = {400, 404, 415, 422, 501}
LONGEST_COMPLAINT, LONGEST_ECHO = 600, 20_000  # characters


def ask(name: str, task: str, lines: list[str], schema: type[Answer]) -> Answer:
    """The model's answer; one that breaks the schema is sent back once, with what is wrong.

    Raises BackendError.
    """
    messages = write_messages(task, lines, schema)
    content = complete(name, messages, schema)
    try:
        return schema.model_validate_json(extract_json(content))
    except ValidationError as error:
        complaint = f"That was not valid: {error}"[:LONGEST_COMPLAINT]
    messages += [
        {"role": "assistant", "content": content[:LONGEST_ECHO]},
        {"role": "user", "content": f"{complaint}\nAnswer again with the JSON object alone."},
    ]
    try:
        return schema.model_validate_json(extract_json(complete(name, messages, schema)))
    except ValidationError as error:
        raise BackendConfused(f"{settings.LLM_MODEL} gave no valid {name} twice") from error


def complete(name: str, messages: list[Message], schema: type[BaseModel]) -> str:
    plain = {"model": settings.LLM_MODEL, "messages": messages}
    wishes = {
        "temperature": 0,
        "max_tokens": int(settings.LLM_MAX_TOKENS * ANSWER_SHARE),
        "response_format": describe_format(name, schema),
    }
    try:
        answer = _post({**plain, **wishes})
    except BackendRefused as error:
        if error.status not in UNKNOWN_FIELD:
            raise
        answer = _post(plain)
    return _read_content(answer)


def extract_json(content: str) -> str:
    """The object without thoughts, fences and words around it."""
    text = _THOUGHT.sub("", content).strip()
    if not text.startswith("{"):
        fenced = _FENCED.search(text)
        text = fenced["inside"].strip() if fenced else text
    first, last = text.find("{"), text.rfind("}")
    return text[first : last + 1] if 0 <= first < last else text


def _post(body: dict[str, Any]) -> Any:
    key = settings.LLM_API_KEY
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return post_json(address(), body, headers, settings.LLM_TIMEOUT_SECONDS)


def address() -> str:
    return f"{settings.LLM_BASE_URL.rstrip('/')}/chat/completions"


def _read_content(answer: Any) -> str:
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise BackendConfused(f"{address()} answered without choices") from error
    if not isinstance(content, str):
        raise BackendConfused(f"{address()} answered without text")
    return content
