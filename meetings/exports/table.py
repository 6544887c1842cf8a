"""A meeting as a table for spreadsheets: RFC 4180, with no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterator

from meetings.exports.document import Document, Line
from meetings.exports.text import clean_line

COLUMNS = ("kind", "start", "end", "speaker", "text", "owner", "due", "confidence")
# What starts a formula; the wide forms do in East Asian editions, TAB and CR are skipped before.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = dict[str, str]


def write_csv(document: Document) -> bytes:
    """The transcript row by row, then what was found in it; ``kind`` tells them apart.

    UTF-8 with a byte order mark, without which Excel misreads every letter that is not English.
    """
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for row in list_rows(document):
        table.writerow({name: neutralise(clean_line(cell)) for name, cell in row.items()})
    return file.getvalue().encode("utf-8-sig")


def neutralise(cell: str) -> str:
    """The cell as text: an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def list_rows(document: Document) -> Iterator[Row]:
    if document.notice:
        yield {"kind": "notice", "text": document.notice}
    yield from map(describe_line, document.lines)
    if document.summary:
        yield {"kind": "summary", "text": document.summary}
    for point in document.key_points:
        yield describe_claim("key_point", point.text, point.at)
    for action in document.actions:
        row = describe_claim("action_item", action.task, action.at)
        yield {**row, "owner": action.owner, "due": action.due}
    yield from list_claims(document)


def list_claims(document: Document) -> Iterator[Row]:
    for decision in document.decisions:
        yield describe_claim("decision", decision.text, decision.at)
    for question in document.questions:
        row = describe_claim("question", question.text, question.at)
        yield {**row, "speaker": question.speaker}
    for topic in document.agenda:
        yield describe_claim("topic", topic.title, topic.at)


def describe_line(line: Line) -> Row:
    return {
        "kind": "missing" if line.is_missing else "speech",
        "start": format_seconds(line.start),
        "end": format_seconds(line.end),
        "speaker": line.speaker,
        "text": line.text,
        "confidence": "" if line.confidence is None else f"{line.confidence:.3f}",
    }


def describe_claim(kind: str, text: str, at: float | None) -> Row:
    return {"kind": kind, "start": format_seconds(at), "text": text}


def format_seconds(at: float | None) -> str:
    return "" if at is None else f"{at:.3f}"
