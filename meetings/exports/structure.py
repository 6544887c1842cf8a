"""A meeting as JSON, for programs: everything as it is, times in seconds."""

import json
from dataclasses import asdict

from meetings.exports.document import Document

VERSION = 1  # of this shape; a higher one may take something away


def write_json(document: Document) -> bytes:
    """The fields of ``Document`` with speakers, notice and the version of the shape."""
    body = {
        "version": VERSION,
        "is_finished": document.is_finished,
        "notice": document.notice,
        "speakers": document.speakers,
        **asdict(document),
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode(errors="replace") + b"\n"
