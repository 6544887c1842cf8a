"""What was really said."""

from pathlib import Path

import pytest

from meetings.demo.reference import SAMPLE, find_reference, read_reference
from meetings.demo.service import DemoError


def test_sample_knows_its_own_reference() -> None:
    path = find_reference(Path(SAMPLE.parent, ".", SAMPLE.name), None)
    assert path is not None
    assert read_reference(path).startswith("Good morning everyone, and welcome")


def test_other_recordings_have_none(tmp_path: Path) -> None:
    assert find_reference(tmp_path / "meeting.opus", None) is None


def test_named_reference_comes_first(tmp_path: Path) -> None:
    assert find_reference(SAMPLE, tmp_path / "mine.txt") == tmp_path / "mine.txt"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "one two"),
        ("a.json", '{"text": "one two"}'),
        ("a.json", '{"utterances": [{"text": "one"}, {"text": "two"}]}'),
    ],
)
def test_every_form_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert read_reference(tmp_path / name) == "one two"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b" \n"),
        ("a.txt", b"\xff\xfe\xff"),
        ("a.json", b"{"),
        ("a.json", b"[1]"),
        ("a.json", b"7"),
        ("a.json", b'{"utterances": [{}]}'),
    ],
)
def test_useless_reference_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DemoError, match="The reference"):
        read_reference(tmp_path / name)


def test_absent_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="cannot be read: No such file"):
        read_reference(tmp_path / "none.txt")
