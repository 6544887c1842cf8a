from hypothesis import given
from hypothesis import strategies as st

from meetings.library.lanes import Spoken, count_turns, find_silence, find_turns

SPANS = st.lists(
    st.tuples(st.integers(0, 50_000), st.integers(0, 9_000)).map(
        lambda span: (span[0], span[0] + span[1])
    ),
    max_size=20,
)


def test_a_short_pause_stays_within_a_turn() -> None:
    assert find_turns([Spoken(0, 1000, "A"), Spoken(2000, 3000, "A")]) == [Spoken(0, 3000, "A")]


def test_a_long_pause_divides_a_turn_and_counts_as_none() -> None:
    spoken = [Spoken(0, 1000, "A"), Spoken(2001, 3000, "A")]
    assert find_turns(spoken) == spoken
    assert count_turns(spoken) == {"A": 1}


def test_another_voice_begins_a_turn() -> None:
    spoken = [Spoken(0, 1000, "A"), Spoken(1000, 2000, "B"), Spoken(2000, 3000, "A")]
    assert find_turns(spoken) == spoken
    assert count_turns(spoken) == {"A": 2, "B": 1}


def test_a_stretch_within_another_does_not_shorten_the_turn() -> None:
    assert find_turns([Spoken(0, 9000, "A"), Spoken(1000, 2000, "A")]) == [Spoken(0, 9000, "A")]


def test_missing_audio_is_not_silence() -> None:
    assert find_silence([Spoken(0, 1000)], [(1500, 7000)], 9000) == [(7000, 9000)]


@given(spoken=SPANS, gaps=SPANS)
def test_silence_holds_no_speech_no_gap_and_every_long_pause(
    spoken: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    silence = find_silence([Spoken(*span) for span in spoken], gaps, 60_000)
    taken = sorted([*spoken, *gaps])
    assert all(end <= low or start >= high for low, high in silence for start, end in taken)
    heard = sorted([*taken, *silence, (60_000, 60_000)])
    reached = 0
    for start, end in heard:
        assert start - reached <= 1000
        reached = max(reached, end)
