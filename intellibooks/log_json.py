"""Log lines for machines: one JSON object each, with the request's and the meeting's id."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from intellibooks.log_lines import redact
from intellibooks.request_id import current_request_id

_meeting_id: ContextVar[str] = ContextVar("meeting_id", default="")


def current_meeting_id() -> str:
    """Empty outside of ``about_meeting``."""
    return _meeting_id.get()


@contextmanager
def about_meeting(meeting_id: str) -> Iterator[None]:
    """Every line that is logged in the block names the meeting."""
    token = _meeting_id.set(meeting_id)
    try:
        yield
    finally:
        _meeting_id.reset(token)


class JsonFormatter(logging.Formatter):
    """``time`` (RFC 3339 UTC), ``level``, ``logger``, ``message``, and whatever else is known."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            "process": record.process,
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        if meeting_id := _meeting_id.get():
            line["meeting_id"] = meeting_id
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
