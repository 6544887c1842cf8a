from collections import Counter

from bench.library_words import COMMON, NEEDLE, NEEDLE_MEETING, NEEDLE_SEGMENT, say_lines, spell


def test_the_needle_is_said_once() -> None:
    said = {
        (meeting, place)
        for meeting in range(NEEDLE_MEETING + 3)
        for place, line in enumerate(say_lines(meeting, 20))
        if NEEDLE in line.split()
    }
    assert said == {(NEEDLE_MEETING, NEEDLE_SEGMENT)}


def test_every_run_says_the_same() -> None:
    assert say_lines(4, 30) == say_lines(4, 30) != say_lines(5, 30)


def test_every_word_is_another() -> None:
    assert len({spell(number) for number in range(5000)}) == 5000


def test_a_few_words_are_said_very_often() -> None:
    counts = Counter(word for line in say_lines(1, 200) for word in line.split())
    assert counts.most_common(1)[0][0] == COMMON[0]
    assert sum(counts[word] for word in COMMON) > sum(counts.values()) / 6
    assert sum(count == 1 for count in counts.values()) > len(counts) / 2
