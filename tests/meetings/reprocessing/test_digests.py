from dataclasses import replace
from typing import Any

import pytest

from meetings.reprocessing.digests import digest_transcript, digest_voices
from transcription.types import Segment, Transcript

SAID = Segment(0.5, 1.9, "good morning", speaker="Ana")
TRANSCRIPT = Transcript((SAID,), duration=2.0, language="en")


def test_a_word_that_moved_by_a_hair_changes_nothing() -> None:
    moved = replace(TRANSCRIPT, segments=(replace(SAID, start=0.52, confidence=0.9),))
    assert digest_transcript(moved) == digest_transcript(TRANSCRIPT)


@pytest.mark.parametrize("change", [{"text": "good evening"}, {"speaker": "Ben"}])
def test_other_words_or_another_speaker_change_the_transcript(change: dict[str, Any]) -> None:
    changed = replace(TRANSCRIPT, segments=(replace(SAID, **change),))
    assert digest_transcript(changed) != digest_transcript(TRANSCRIPT)


def test_other_text_alone_does_not_change_who_speaks() -> None:
    heard = [replace(SAID, speaker=None)]
    other = [replace(heard[0], text="good evening")]
    assert digest_voices("f00", None, "a", heard) == digest_voices("f00", None, "b", other)


def test_speakers_that_the_engine_names_count() -> None:
    assert digest_voices("f00", None, "a", [SAID]) != digest_voices("f00", None, "a", [])


def test_an_expected_number_of_speakers_counts() -> None:
    assert digest_voices("f00", 2, "", []) != digest_voices("f00", None, "", [])
