"""JSON bodies of which every string can be stored, and none that is too deep to be read."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.parsers import JSONParser

from intellibooks.errors import InvalidRequest

DEPTH = "The body is nested too deeply."
LETTERS = "A text holds a character that is none: half of a pair (surrogate) or NUL."


class StrictJSONParser(JSONParser):
    """DRF's, and 422 for what it lets through and no database takes."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Raises InvalidRequest, and ParseError for what is no JSON."""
        try:
            body = super().parse(stream, media_type, dict(parser_context or {}))
        except RecursionError as error:
            raise InvalidRequest(DEPTH) from error
        if not all(map(is_text, walk_strings(body))):
            raise InvalidRequest(LETTERS)
        return body


def walk_strings(body: Any) -> Iterator[str]:
    """Every key and every value that is a string; without recursion, however deep."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value


def is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
