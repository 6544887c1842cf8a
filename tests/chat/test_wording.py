from typing import Any

import pytest

from chat import wording
from chat.wording import InvalidMessage


@pytest.mark.parametrize(
    ("content", "cleaned"),
    [
        ("hello\n\tworld", "hello\n\tworld"),
        ("a\r\nb\rc", "a\nbc"),
        ("\x1b[31mred\x07\x7f\x9b", "[31mred"),
        ("  ok ", "  ok "),
        ("👩‍👩‍👧 ümlaut עברית", "👩‍👩‍👧 ümlaut עברית"),
        ("x" * 10_000, "x" * 10_000),
    ],
)
def test_text_keeps_everything_but_control_characters(content: str, cleaned: str) -> None:
    assert wording.clean_content(content) == cleaned


@pytest.mark.parametrize("content", [None, 5, [], "", "   \n", "\x01\x02", "a\x00b", "half \ud83d"])
def test_what_is_no_text_is_refused(content: object) -> None:
    with pytest.raises(InvalidMessage) as refusal:
        wording.clean_content(content)
    assert refusal.value.frame_code == "INVALID_MESSAGE"


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidMessage) as refusal:
        wording.clean_content("x" * 10_001)
    assert refusal.value.frame_code == "TOO_LONG"


def nest(depth: int) -> dict[str, Any]:
    return {"deeper": nest(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        "text",
        {"a": "\x00"},
        {"\ud800": 1},
        {"a": ["\udfff"]},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": "x" * 20_001},
        nest(500),
    ],
)
def test_metadata_that_cannot_be_kept_is_refused(metadata: object) -> None:
    with pytest.raises(InvalidMessage):
        wording.clean_metadata(metadata)


def test_metadata_that_can_be_kept_stays_as_it_is() -> None:
    metadata = {"sources": [{"page": 1.5, "title": "\\u0000 spelled out"}], "x": None}
    assert wording.clean_metadata(metadata) == metadata
    assert wording.clean_metadata(None) == {}


@pytest.mark.parametrize("at_ms", [-1, 1.5, "7", True, 10**12])
def test_a_moment_that_no_meeting_has_is_refused(at_ms: object) -> None:
    with pytest.raises(InvalidMessage):
        wording.clean_moment(at_ms)


@pytest.mark.parametrize("client_id", ["", 5, "x" * 65, "a\x00"])
def test_a_client_id_that_cannot_be_kept_is_refused(client_id: object) -> None:
    with pytest.raises(InvalidMessage):
        wording.clean_client_id(client_id)
