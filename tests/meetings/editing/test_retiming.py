import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meetings.editing.retiming import retime_words
from tests.timing import check_seconds
from transcription.types import Word

HEARD = (
    Word("we", 1.0, 1.2, 0.9),
    Word("should", 1.2, 1.6, 0.8),
    Word("recognise", 1.6, 2.2, 0.5),
    Word("speech", 2.2, 2.8, 0.4),
    Word("now", 3.0, 3.3, 0.9),
)
texts = st.lists(st.sampled_from(["we", "Should", "speech,", "now", "new", "a"])).map(" ".join)


def test_words_that_stay_keep_their_time_and_probability() -> None:
    timed = retime_words(HEARD, "We should wreck a nice beach, now.", 1.0, 3.5)
    kept = [timed[0], timed[1], timed[-1]]
    assert kept == [
        Word("We", 1.0, 1.2, 0.9),
        Word("should", 1.2, 1.6, 0.8),
        Word("now.", 3.0, 3.3, 0.9),
    ]


def test_new_words_share_the_time_between_their_neighbours_by_length() -> None:
    timed = retime_words(HEARD, "We should wreck a nice beach now", 1.0, 3.5)
    new = timed[2:6]
    assert (new[0].start, new[-1].end) == (1.6, 3.0)
    assert all(one.end == two.start for one, two in pairwise(new))
    assert new[0].end - new[0].start > new[1].end - new[1].start
    assert {word.probability for word in new} == {None}


def test_words_of_a_segment_without_any_share_its_time() -> None:
    assert retime_words((), "ab cd", 2.0, 4.0) == (Word("ab", 2.0, 3.0), Word("cd", 3.0, 4.0))


def test_no_text_has_no_words() -> None:
    assert retime_words(HEARD, "", 1.0, 3.5) == ()


def test_new_words_at_the_end_reach_to_the_end() -> None:
    timed = retime_words(HEARD, "we should recognise speech now please", 1.0, 3.5)
    assert timed[-1] == Word("please", 3.3, 3.5)


@given(text=texts)
def test_every_word_is_there_once_and_time_never_runs_back(text: str) -> None:
    timed = retime_words(HEARD, text, 1.0, 3.5)
    assert [word.text for word in timed] == text.split()
    assert all(word.start <= word.end for word in timed)
    assert all(one.end <= two.start for one, two in pairwise(timed))


def test_hostile_lengths_cost_no_time() -> None:
    heard = tuple(Word("a", n / 10, n / 10) for n in range(5000))
    begun = time.process_time()
    timed = retime_words(heard, "b " + "a c " * 2400, 0.0, 500.0)
    assert len(timed) == 4801
    check_seconds(time.process_time() - begun, 2)
