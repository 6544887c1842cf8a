"""What a colleague would have noted in meetings of other subjects, lengths and manners."""

from functools import cache

import pytest

from bench.insights import Score, degrade, read_references, score, write_transcript

REFERENCES = read_references()


@cache
def judge(name: str, *, is_bare: bool = False) -> Score:
    transcript = write_transcript(REFERENCES[name])
    return score(degrade(transcript) if is_bare else transcript, REFERENCES[name])


def share(hits: tuple[int, int]) -> float:
    return hits[0] / hits[1]


@pytest.mark.parametrize("name", REFERENCES)
def test_every_action_item_is_found_with_its_owner(name: str) -> None:
    assert share(judge(name).owners) == 1
    assert share(judge(name).precise) >= 0.8


@pytest.mark.parametrize("name", REFERENCES)
def test_every_decision_is_found(name: str) -> None:
    assert share(judge(name).decisions) == 1
    assert share(judge(name).settled) >= 0.8


@pytest.mark.parametrize("name", REFERENCES)
def test_keywords_topics_and_moods_are_those_of_a_reader(name: str) -> None:
    assert share(judge(name).keywords) >= 0.7
    assert share(judge(name).boundaries) >= 0.8
    assert share(judge(name).moods) == 1


@pytest.mark.parametrize("name", REFERENCES)
def test_bare_text_is_at_most_a_fifth_worse(name: str) -> None:
    told, bare = judge(name), judge(name, is_bare=True)
    for field in ("items", "precise", "decisions", "keywords", "boundaries", "moods"):
        assert share(getattr(bare, field)) >= 0.8 * share(getattr(told, field)), field
