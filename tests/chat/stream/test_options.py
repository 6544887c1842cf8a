import pytest

from chat.stream.options import LARGEST_SEQ, MUTED, read_options


@pytest.mark.parametrize(
    ("query", "last_seq"),
    [
        (b"last_seq=7", 7),
        (b"last_seq=0", 0),
        (b"", None),
        (b"last_seq=", None),
        (b"last_seq=-1", None),
        (b"last_seq=1e3", None),
        ("last_seq=٣".encode(), None),
        (b"last_seq=" + b"9" * 40, None),
        (b"last_seq=9999999999999999999", LARGEST_SEQ),
        (b"\xff\xfe", None),
        (b"&".join([b"a=1"] * 100), None),
    ],
)
def test_last_seq_is_a_plain_number_or_nothing(query: bytes, last_seq: int | None) -> None:
    assert read_options(query).last_seq == last_seq


@pytest.mark.parametrize("choice", ["full", "delta", "off"])
def test_transcript_chooses_what_is_left_out(choice: str) -> None:
    assert read_options(f"transcript={choice}".encode()).muted == MUTED[choice]


def test_unknown_choice_is_everything() -> None:
    assert read_options(b"transcript=some&dance=1").muted == frozenset()
