from hypothesis import given
from hypothesis import strategies as st

from meetings.timeline import Placed, place_chunks, typical_length

COUNTS = st.dictionaries(st.integers(0, 60), st.none() | st.integers(0, 500_000), max_size=30)


def test_chunks_lie_end_to_end_by_their_samples() -> None:
    assert place_chunks([(0, 100), (1, 70)]) == [Placed(0, 0, 100), Placed(1, 100, 70)]


def test_order_of_arrival_does_not_matter() -> None:
    assert place_chunks([(1, 70), (0, 100)]) == place_chunks([(0, 100), (1, 70)])


def test_a_hole_takes_the_length_of_most_chunks() -> None:
    places = place_chunks([(0, 100), (2, 100), (3, 40)])
    assert places[1] == Placed(1, 100, 100, is_missing=True)
    assert places[2].start == 200


def test_an_unreadable_chunk_keeps_its_place() -> None:
    assert place_chunks([(0, None), (1, 80)])[0] == Placed(0, 0, 80, is_missing=True)


def test_no_chunks_have_no_places() -> None:
    assert place_chunks([]) == []
    assert typical_length([]) == 0


@given(COUNTS)
def test_places_leave_no_gap_and_no_overlap(counts: dict[int, int | None]) -> None:
    places = place_chunks(counts.items())
    assert [place.index for place in places] == list(range(len(places)))
    end = 0
    for place in places:
        assert place.start == end
        end += place.samples
