"""What a client sent, made sense of: the one place where frames are parsed."""

import json
from typing import Any

from intellibooks.errors import DomainError


class BadFrame(DomainError):
    """A frame from a client that cannot be understood; the socket stays open."""

    def __init__(self, frame_code: str, error: str) -> None:
        super().__init__(error)
        self.frame_code = frame_code


def parse_frame(text: str | None) -> dict[str, Any]:
    """The JSON object in a text frame. Raises BadFrame."""
    if text is None:
        raise BadFrame("BINARY_NOT_SUPPORTED", "Frames are JSON text; this one is binary.")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("INVALID_JSON", "Invalid JSON") from error
    if not isinstance(frame, dict):
        raise BadFrame("INVALID_MESSAGE", "A frame is a JSON object.")
    return frame


def read_seq(frame: dict[str, Any], field: str) -> int:
    """A sequence number from 0. Raises BadFrame."""
    value = frame.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise BadFrame("INVALID_MESSAGE", f"{field} is a whole number from 0.")
    return value
