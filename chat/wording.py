"""What a person may write: text and metadata that every store and every viewer can hold."""

import json
import re
from collections.abc import Iterator
from typing import Any

from intellibooks.errors import InvalidRequest

LONGEST_MESSAGE = 10_000  # characters
LONGEST_METADATA = 20_000  # characters as JSON
DEEPEST_METADATA = 16
LONGEST_CLIENT_ID = 64
LONGEST_NAME = 150  # of a user id
LATEST_MS = 7 * 24 * 3600 * 1000  # no meeting takes longer than a week
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")  # all but line feed and tab


class InvalidMessage(InvalidRequest):
    """A message that is not stored; ``frame_code`` is what a socket's error frame says."""

    def __init__(self, error: str, frame_code: str = "INVALID_MESSAGE") -> None:
        super().__init__(error, [{"field": "content", "detail": error, "code": "invalid"}])
        self.frame_code = frame_code


def clean_content(content: object) -> str:
    """The text without control characters, line ends as \\n. Raises InvalidMessage."""
    if not isinstance(content, str):
        raise InvalidMessage("A message needs content: text that is not empty.")
    if len(content) > LONGEST_MESSAGE:
        raise InvalidMessage(f"A message has at most {LONGEST_MESSAGE} characters.", "TOO_LONG")
    if NO_TEXT.search(content):
        raise InvalidMessage("The message has characters that are not text.")
    cleaned = CONTROLS.sub("", content.replace("\r\n", "\n"))
    if not cleaned.strip():
        raise InvalidMessage("A message needs content: text that is not empty.")
    return cleaned


def clean_metadata(metadata: object) -> dict[str, Any]:
    """Metadata that JSON and both databases can hold; none is an empty one.

    Raises InvalidMessage.
    """
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise InvalidMessage("The metadata of a message is a JSON object.")
    if any(depth > DEEPEST_METADATA for _, depth in walk(metadata)):
        raise InvalidMessage("The metadata is nested too deeply.")
    texts = (leaf for leaf, _ in walk(metadata) if isinstance(leaf, str))
    if any(NO_TEXT.search(text) for text in texts):
        raise InvalidMessage("The metadata has characters that are not text.")
    try:
        size = len(json.dumps(metadata, allow_nan=False))
    except ValueError as error:
        raise InvalidMessage("The metadata has a number that JSON cannot spell.") from error
    if size > LONGEST_METADATA:
        raise InvalidMessage(f"The metadata has over {LONGEST_METADATA} characters.", "TOO_LONG")
    return metadata


def walk(value: object) -> Iterator[tuple[object, int]]:
    """Every key and every value of a JSON value, with its depth; no recursion to exhaust."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        yield item, depth
        if isinstance(item, dict):
            waiting += ((it, depth + 1) for pair in item.items() for it in pair)
        elif isinstance(item, list):
            waiting += ((it, depth + 1) for it in item)


def clean_client_id(client_id: object) -> str:
    """Empty where there is none. Raises InvalidMessage."""
    if client_id is None:
        return ""
    if not isinstance(client_id, str) or not 1 <= len(client_id) <= LONGEST_CLIENT_ID:
        raise InvalidMessage(f"client_id is text of 1 to {LONGEST_CLIENT_ID} characters.")
    if NO_TEXT.search(client_id):
        raise InvalidMessage("client_id has characters that are not text.")
    return client_id


def clean_moment(at_ms: object) -> int | None:
    """The moment of the meeting that a message speaks of, in ms. Raises InvalidMessage."""
    if at_ms is None:
        return None
    if isinstance(at_ms, bool) or not isinstance(at_ms, int) or not 0 <= at_ms <= LATEST_MS:
        raise InvalidMessage(f"at_ms is a whole number of milliseconds from 0 to {LATEST_MS}.")
    return at_ms


def clean_name(name: str) -> str:
    """A user id that somebody claims, as far as it is text."""
    return CONTROLS.sub("", NO_TEXT.sub("", name)).strip()[:LONGEST_NAME]
