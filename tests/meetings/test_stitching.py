from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meetings.stitching import OPEN, Seam, find_seam, list_words, shift, trim
from transcription.types import Segment, Word


def say(text: str, start: float, step: float = 0.4) -> list[Word]:
    """The words one after another from that second on."""
    return [
        Word(word, start + position * step, start + (position + 1) * step)
        for position, word in enumerate(text.split())
    ]


def make_segment(words: list[Word]) -> Segment:
    text = " ".join(word.text for word in words)
    return Segment(words[0].start, words[-1].end, text, words=tuple(words))


def join(before: list[Word], after: list[Word], length: float = 10.0) -> str:
    """What remains of two neighbours; ``before`` by its own clock, ``after`` by the later one's."""
    moved = list_words(shift([make_segment(before)], -length))
    seam = find_seam(moved, after)
    left = [rest.text for _, rest in trim([make_segment(moved)], -length, seam.before_until)]
    right = [rest.text for _, rest in trim([make_segment(after)], seam.after_from, 99.0)]
    return " ".join(left + right)


def test_a_word_cut_in_two_is_said_once_and_whole() -> None:
    before = [*say("we decided to open the", 7.8), Word("web", 9.8, 10.0)]
    after = [*say("open the", -1.0), Word("website", -0.2, 0.3), *say("in march", 0.4)]
    assert join(before, after) == "we decided to open the website in march"


def test_words_that_both_heard_are_not_doubled() -> None:
    before = say("one two three four", 8.4)
    after = say("two three four five six", -1.2)
    assert join(before, after) == "one two three four five six"


def test_without_a_shared_word_each_side_keeps_its_half_of_the_overlap() -> None:
    seam = find_seam(say("alpha beta", -1.0), say("gamma delta", -1.0))
    assert seam == Seam(-0.75, -0.75)


def test_what_only_one_side_heard_is_kept() -> None:
    assert find_seam(say("alpha", -0.5), say("later", 0.5)) == OPEN
    assert find_seam([], say("gamma", -0.5)) == Seam(-1.5, -1.5)


def test_a_segment_without_words_belongs_where_its_middle_is() -> None:
    segment = Segment(-1.0, 0.2, "plain text")
    assert list(trim([segment], 0.0, 10.0)) == []
    assert list(trim([segment], -1.5, 10.0)) == [(0, segment)]


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=30)


@given(TEXTS, st.floats(2.0, 9.0))
def test_one_speech_cut_anywhere_is_heard_once(words: list[str], cut: float) -> None:
    """Both sides heard every whole word of the overlap: nothing is lost, nothing doubled."""
    speech = [Word(f"{text}{i}", i * 0.37, i * 0.37 + 0.3) for i, text in enumerate(words)]
    before = [word for word in speech if word.end <= cut]
    whole = [word for word in speech if word.start >= cut - 1.5]
    after = list_words(shift([make_segment(whole)], -cut)) if whole else []
    if not before or not after:
        return
    assert join(before, after, cut).split() == [word.text for word in speech]


@given(TEXTS, TEXTS)
def test_words_stay_in_order(first: list[str], second: list[str]) -> None:
    seam = find_seam(say(" ".join(first), -3.0), say(" ".join(second), -1.4))
    kept = [*trim([make_segment(say(" ".join(first), -3.0))], -9.0, seam.before_until)]
    kept += trim([make_segment(say(" ".join(second), -1.4))], seam.after_from, 99.0)
    middles = [(word.start + word.end) / 2 for _, part in kept for word in part.words]
    assert all(one <= other + 0.3 for one, other in pairwise(middles))
