import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.byte_ranges import ByteRange, Unsatisfiable, select_range
from tests.timing import check_seconds

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "start", "length"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, 900),
        ("bytes=999-", 999, 1),
        ("bytes=-50", 950, 50),
        ("bytes=-1000", 0, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=990-5000", 990, 10),
        ("bytes=0-" + "9" * 150, 0, 1000),
        ("Bytes=0-99", 0, 100),
        ("bytes= 0-99 ", 0, 100),
        ("bytes=,0-99,", 0, 100),
    ],
)
def test_one_range_is_cut_to_the_file(header: str, start: int, length: int) -> None:
    assert select_range(header, SIZE) == ByteRange(start, length)


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_range_outside_the_file_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        select_range(header, SIZE)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=,",
        "bytes=99-0",
        "bytes=a-b",
        "bytes=0x1-",
        "bytes=--1",
        "bytes=0-1-2",
        "bytes=0 - 9",
        "bytes =0-9",
        "bytes=+0-9",
        "bytes=\u0660-\u0669",
        "seconds=0-9",
        "0-9",
    ],
)
def test_malformed_header_selects_the_whole_file(header: str) -> None:
    assert select_range(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=0-1,4-5", "bytes=0-,0-", "bytes=5000-,0-1"])
def test_several_ranges_select_the_whole_file(header: str) -> None:
    assert select_range(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=" + "0-," * 20_000, "bytes=0-" + "9" * 60_000])
def test_an_abusive_header_costs_nothing(header: str) -> None:
    started = time.perf_counter()
    for _ in range(1000):
        assert select_range(header, SIZE) is None
    check_seconds(time.perf_counter() - started, 0.1)


def test_an_empty_file_has_no_first_byte_but_an_empty_end() -> None:
    with pytest.raises(Unsatisfiable):
        select_range("bytes=0-", 0)
    assert select_range("bytes=-5", 0) is None


def test_content_range_names_the_last_byte() -> None:
    assert ByteRange(0, 100).encode(SIZE) == "bytes 0-99/1000"


@given(st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}", fullmatch=True), st.integers(0, 50_000))
def test_any_range_lies_within_the_file(header: str, size: int) -> None:
    try:
        part = select_range(header, size)
    except Unsatisfiable:
        return
    if part is not None:
        assert part.length > 0
        assert 0 <= part.start <= part.start + part.length <= size


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    for header in (text, f"bytes={text}"):
        try:
            select_range(header, SIZE)
        except Unsatisfiable:
            continue
