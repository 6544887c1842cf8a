"""Log lines for machines."""

import json
import logging

import pytest

from intellibooks.log_json import JsonFormatter, about_meeting


def make_line(message: str, *args: object, **facts: object) -> dict[str, object]:
    record = logging.LogRecord("meetings.x", logging.WARNING, "x.py", 1, message, args, None)
    record.__dict__.update(facts)
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def test_line_is_one_json_object_with_its_meeting() -> None:
    with about_meeting("m-1"):
        line = make_line("chunk %d is late\nby a line", 3)
    assert (line["level"], line["logger"], line["meeting_id"]) == ("warning", "meetings.x", "m-1")
    assert line["message"] == "chunk 3 is late\nby a line"
    assert str(line["time"]).endswith("+00:00")


def test_line_outside_of_a_meeting_names_none() -> None:
    assert "meeting_id" not in make_line("hello")


def test_secrets_are_hidden_in_message_and_traceback() -> None:
    try:
        raise ValueError("Authorization: Bearer abcdef123456")
    except ValueError as error:
        line = make_line("token=abcdef123456", exc_info=(type(error), error, error.__traceback__))
    assert "abcdef123456" not in json.dumps(line)
    assert "ValueError" in str(line["traceback"])


@pytest.mark.parametrize("text", ["ünïcode", "\x00\x1b[31m", '"quotes"'])
def test_any_text_stays_valid_json(text: str) -> None:
    assert make_line(text)["message"] == text
