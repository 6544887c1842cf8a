from hypothesis import given
from hypothesis import strategies as st

from meetings.timeline import (
    SAMPLE_RATE,
    Piece,
    Placed,
    find_holes,
    format_clock,
    place_chunks,
    typical_length,
)

PIECES = st.lists(
    st.builds(
        Piece,
        st.integers(0, 60),
        st.none() | st.integers(0, 500_000),
        st.none() | st.integers(0, 2**60),
    ),
    max_size=30,
    unique_by=lambda piece: piece.index,
)


def test_chunks_lie_end_to_end_by_their_samples() -> None:
    places = place_chunks([Piece(0, 100), Piece(1, 70)])
    assert places == [Placed(0, 0, 100), Placed(1, 100, 70)]


def test_order_of_arrival_does_not_matter() -> None:
    pieces = [Piece(1, 70), Piece(0, 100)]
    assert place_chunks(pieces) == place_chunks(reversed(pieces))


def test_a_hole_takes_the_length_of_most_chunks() -> None:
    places = place_chunks([Piece(0, 100), Piece(2, 100), Piece(3, 40)])
    assert places[1] == Placed(1, 100, 100, is_missing=True)
    assert places[2].start == 200


def test_a_hole_takes_the_time_that_the_clocks_of_its_neighbours_leave() -> None:
    second = SAMPLE_RATE
    places = place_chunks([Piece(0, 4 * second, 1000), Piece(3, 4 * second, 15_000)])
    assert [place.samples for place in places] == [4 * second, 5 * second, 5 * second, 4 * second]


def test_a_clock_that_runs_away_is_not_believed() -> None:
    places = place_chunks([Piece(0, 100, 0), Piece(2, 100, 10**12)])
    assert places[1].samples == 100


def test_an_unreadable_chunk_keeps_its_place() -> None:
    places = place_chunks([Piece(0, None), Piece(1, 80)])
    assert places[0] == Placed(0, 0, 80, is_missing=True)


def test_chunks_that_were_announced_and_never_came_are_holes_at_the_end() -> None:
    places = place_chunks([Piece(0, 100)], total=3)
    assert [place.is_missing for place in places] == [False, True, True]


def test_index_far_ahead_makes_no_hours_of_silence() -> None:
    places = place_chunks([Piece(0, 100), Piece(9999, 100)], most_missing=250)
    assert [place.samples for place in places[:5]] == [100, 100, 100, 50, 0]
    assert places[-1] == Placed(9999, 350, 100)


def test_neighbouring_holes_are_named_as_one() -> None:
    ten = 10 * SAMPLE_RATE
    places = place_chunks([Piece(0, ten), Piece(1, ten), Piece(4, ten)])
    (hole,) = find_holes(places)
    assert (hole.first_index, hole.last_index) == (2, 3)
    assert hole.text == "[missing audio 00:20-00:40]"


def test_no_chunks_have_no_places() -> None:
    assert place_chunks([]) == []
    assert typical_length([]) == 0


def test_clock_shows_hours_only_when_there_are_any() -> None:
    assert (format_clock(65.4), format_clock(3661)) == ("01:05", "1:01:01")


@given(PIECES, st.integers(0, 80))
def test_places_leave_no_gap_and_no_overlap(pieces: list[Piece], total: int) -> None:
    places = place_chunks(pieces, total=total)
    assert [place.index for place in places] == list(range(len(places)))
    end = 0
    for place in places:
        assert place.start == end
        assert place.samples >= 0
        end += place.samples
