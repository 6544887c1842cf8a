import csv
import io
import json
import unicodedata
import zipfile

import docx
import pytest
from hypothesis import given, settings

from meetings.exports.document import Document, Line
from meetings.exports.plain import write_text
from meetings.exports.registry import FORMATS
from meetings.exports.structure import write_json
from meetings.exports.table import COLUMNS, write_csv
from meetings.exports.word_processor import write_docx
from tests.meetings.exports import documents

FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def read_csv(document: Document) -> list[dict[str, str]]:
    content = write_csv(document)
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert tuple(rows[0]) == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]


def read_docx(document: Document) -> list[str]:
    paper = docx.Document(io.BytesIO(write_docx(document)))
    return [f"{it.style.name if it.style else ''}|{it.text}" for it in paper.paragraphs]


def test_text_has_everything_a_person_reads() -> None:
    lines = write_text(documents.FULL).decode().splitlines()
    assert lines[:2] == ["Weekly", "======"]
    for expected in (
        "Date: 2026-11-22 10:42 UTC",
        "Speakers: Robert, Susan",
        "The team talked about slides.",
        "- Susan: Send the slides (on Thursday) (0:05)",
        "- Robert: Who sends them? (0:04)",
        "    Susan: I will.",
        "slides, Thursday",
        "Overall: positive",
        "Talk time of Susan: 0:07, 50 %",
        "[0:05] Susan: I will send the slides on Thursday.",
        "[0:20] [missing audio 00:20-00:30]",
        "[1:02:05] Robert: See you.",
    ):
        assert expected in lines
    assert "nfinished" not in "".join(lines)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_unfinished_meeting_says_so_in_every_format(name: str) -> None:
    content = FORMATS[name].write(documents.UNFINISHED)
    if name == "docx":
        content = "\n".join(read_docx(documents.UNFINISHED)).encode()
    assert b"nfinished" in content


def test_json_has_the_whole_document() -> None:
    body = json.loads(write_json(documents.FULL))
    assert (body["version"], body["is_finished"], body["notice"]) == (1, True, "")
    assert body["speakers"] == ["Robert", "Susan"]
    assert body["actions"][0] == {
        "task": "Send the slides",
        "owner": "Susan",
        "due": "on Thursday",
        "at": 5.0,
    }
    assert body["lines"][1]["text"] == "I will send the slides on Thursday."
    assert body["metrics"] == documents.FULL.metrics


def test_csv_has_the_transcript_and_then_what_was_found() -> None:
    rows = read_csv(documents.FULL)
    kinds = ["speech", "speech", "missing", "speech", "summary", "key_point", "action_item"]
    assert [row["kind"] for row in rows] == [*kinds, "action_item", "decision", "question", "topic"]
    assert rows[1] == {
        "kind": "speech",
        "start": "5.000",
        "end": "12.000",
        "speaker": "Susan",
        "text": "I will send the slides on Thursday.",
        "owner": "",
        "due": "",
        "confidence": "0.910",
    }
    assert (rows[6]["owner"], rows[6]["due"]) == ("Susan", "on Thursday")


def test_formula_in_speech_becomes_text() -> None:
    lines = tuple(Line(0, 1, text, text) for text in ('=cmd|"/c calc"!A1', "\t@SUM(1)", "-2"))
    rows = read_csv(Document("s", "", "2026-11-22T10:42:00Z", "completed", lines=lines))
    assert [row["text"] for row in rows] == ['\'=cmd|"/c calc"!A1', "'@SUM(1)", "'-2"]
    assert rows[0]["speaker"] == rows[0]["text"]


def test_docx_has_headings_lists_and_the_transcript() -> None:
    paragraphs = read_docx(documents.FULL)
    assert paragraphs[0] == "Title|Weekly"
    for expected in (
        "Heading 1|Action items",
        "List Bullet|Susan: Send the slides (on Thursday) (0:05)",
        "List Bullet 2|They are late.",
        "Normal|0:05  Susan: I will send the slides on Thursday.",
        "Normal|0:20  [missing audio 00:20-00:30]",
    ):
        assert expected in paragraphs


def test_docx_is_dated_as_the_meeting() -> None:
    properties = docx.Document(io.BytesIO(write_docx(documents.FULL))).core_properties
    assert properties.created is not None
    assert properties.created.isoformat() == "2026-11-22T10:42:00+00:00"
    assert properties.title == "Weekly"


@settings(deadline=None)
@given(documents.hostile)
def test_no_cell_is_ever_a_formula(document: Document) -> None:
    cells = [cell for row in read_csv(document) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]


@settings(deadline=None, max_examples=30)
@given(documents.hostile)
def test_docx_opens_whatever_was_said(document: Document) -> None:
    content = write_docx(document)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert read_docx(document)[0].startswith("Title|")


@settings(deadline=None)
@given(documents.hostile)
def test_text_has_no_control_or_direction_characters(document: Document) -> None:
    text = write_text(document).decode()
    kinds = {unicodedata.category(letter) for letter in text if letter not in "\n\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs"}


@settings(deadline=None)
@given(documents.hostile)
def test_json_can_always_be_read(document: Document) -> None:
    assert len(json.loads(write_json(document))["lines"]) == len(document.lines)
