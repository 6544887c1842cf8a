from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meetings.editing.placing import Edit, Part, apply_edits
from transcription.types import Word

WORD_MS = 400
Spans = list[tuple[int, int]]


def say(text: str, first: int = 0, key: str = "") -> Part:
    """A segment with a word each 400 ms, the first one at word number ``first``."""
    pieces = text.split()
    start, end = first * WORD_MS, (first + len(pieces)) * WORD_MS
    words = [
        Word(piece, (first + n) * WORD_MS / 1000, (first + n + 1) * WORD_MS / 1000, 0.5)
        for n, piece in enumerate(pieces)
    ]
    return Part(key or f"t{start:09d}", start, end, text, tuple(words))


def edit(part: Part, text: str) -> Edit:
    return Edit(part.key, part.start_ms, part.end_ms, text, part.text)


def shift(part: Part, seconds: float) -> Part:
    """The same heard by an engine that places everything a bit later."""
    moved = [Word(w.text, w.start + seconds, w.end + seconds, w.probability) for w in part.words]
    ms = round(seconds * 1000)
    return Part(part.key, part.start_ms + ms, part.end_ms + ms, part.text, tuple(moved))


def read(parts: list[Part]) -> list[str]:
    return [part.text for part in parts]


def test_same_cut_gets_its_text_again_and_nothing_else_changes() -> None:
    parts = [say("one two"), say("tree for", 2), say("five six", 4)]
    placed = apply_edits(parts, [edit(parts[1], "three four")])
    assert read(placed) == ["one two", "three four", "five six"]
    assert [part.key for part in placed] == [part.key for part in parts]
    assert [part.edit for part in placed] == [None, 0, None]


def test_longer_segment_is_cut_around_the_edit() -> None:
    placed = apply_edits([say("one two tree for five six")], [edit(say("tree for", 2), "3 4")])
    assert read(placed) == ["one two", "3 4", "five six"]
    assert [(part.start_ms, part.end_ms) for part in placed] == [
        (0, 800),
        (800, 1600),
        (1600, 2400),
    ]


def test_shorter_segments_are_united_in_the_edit() -> None:
    parts = [say("one two"), say("tree", 2), say("for", 3), say("five", 4)]
    placed = apply_edits(parts, [edit(say("tree for", 2), "three four")])
    assert read(placed) == ["one two", "three four", "five"]


def test_segments_that_overlap_the_edit_keep_what_lies_outside() -> None:
    parts = [say("one two tree"), say("for five six", 3)]
    placed = apply_edits(parts, [edit(say("tree for", 2), "three four")])
    assert read(placed) == ["one two", "three four", "five six"]
    assert placed[2].key == parts[1].key


def test_word_placed_a_little_elsewhere_is_not_said_twice() -> None:
    edits = [edit(say("tree for", 2), "three four")]
    for seconds in (-0.3, 0.3):
        later = shift(say("one two tree for five six"), seconds)
        assert " ".join(read(apply_edits([later], edits))) == "one two three four five six"


def test_short_edit_finds_its_word_a_little_elsewhere() -> None:
    placed = apply_edits([shift(say("one two tree for five"), -0.3)], [edit(say("tree", 2), "3")])
    assert read(placed) == ["one two", "3", "for five"]


def test_edit_where_nothing_is_heard_any_more_is_a_segment_of_its_own() -> None:
    placed = apply_edits([say("one two"), say("five six", 9)], [edit(say("tree", 4), "three")])
    assert read(placed) == ["one two", "three", "five six"]
    assert placed[1].origin is None
    assert placed[1].words == (Word("three", 1.6, 2.0),)


def test_edit_in_a_pause_cuts_the_segment_there() -> None:
    words = (Word("one", 0.0, 1.0), Word("two", 9.0, 10.0))
    placed = apply_edits([Part("a", 0, 10_000, "one two", words)], [Edit("b", 4000, 6000, "hm")])
    assert read(placed) == ["one", "hm", "two"]
    assert len({part.key for part in placed}) == 3


def test_last_edit_of_a_segment_counts() -> None:
    part = say("tree")
    assert read(apply_edits([part], [edit(part, "three"), edit(part, "3")])) == ["3"]


def test_emptied_segment_stays_empty() -> None:
    placed = apply_edits([say("thanks for watching bye")], [edit(say("thanks for watching"), "")])
    assert read(placed) == ["", "bye"]


def test_segment_without_words_is_cut_by_its_text() -> None:
    whole = Part("a", 0, 6 * WORD_MS, "aa bb cc dd ee ff")
    placed = apply_edits([whole], [Edit("b", 2 * WORD_MS, 4 * WORD_MS, "X Y", "cc dd")])
    assert read(placed) == ["aa bb", "X Y", "ee ff"]
    assert placed[0].words == ()


def test_two_voices_at_once_keep_their_words_where_nothing_was_cut_anew() -> None:
    parts = [say("one two three", key="a"), say("yes yes", 1, key="b")]
    assert read(apply_edits(parts, [edit(parts[0], "1 2 3")])) == ["1 2 3", "yes yes"]


def test_edit_keeps_its_key_where_another_segment_has_it() -> None:
    part = say("one two tree for", key="000001-00")
    written = Edit("000001-00", 2 * WORD_MS, 4 * WORD_MS, "three four", "tree for")
    placed = apply_edits([part], [written])
    assert [part.key for part in placed] == ["000001-00.2", "000001-00"]


@st.composite
def cuts(draw: st.DrawFn, count: int) -> Spans:
    """The stream of words cut into segments at random."""
    edges = draw(st.sets(st.integers(1, count - 1)))
    return list(pairwise([0, *sorted(edges), count]))


@given(st.data())
def test_any_cut_shows_every_edit_once_and_leaves_other_words_alone(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 24))
    stream = data.draw(
        st.lists(st.sampled_from(["yes", "no", "well"]), min_size=count, max_size=count)
    )
    old = data.draw(cuts(count))
    new = data.draw(cuts(count))
    chosen = data.draw(st.lists(st.sampled_from(old), unique=True))
    edits = {span: f"<{number}> by hand" for number, span in enumerate(chosen)}
    written = [edit(say(" ".join(stream[a:b]), a), text) for (a, b), text in edits.items()]
    placed = apply_edits([say(" ".join(stream[a:b]), a) for a, b in new], written)
    wanted = [edits.get((a, b)) or " ".join(stream[a:b]) for a, b in old]
    assert " ".join(read(placed)) == " ".join(wanted)
    assert len({part.key for part in placed}) == len(placed)
    assert {part.text for part in placed if part.edit is not None} == set(edits.values())
    assert all(len(part.words) == len(part.text.split()) for part in placed)
