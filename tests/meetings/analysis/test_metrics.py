from meetings.analysis.metrics import measure, measure_speech
from tests.meetings.analysis.meetings import TEAM_MEETING, write_meeting
from transcription.types import Segment, Transcript


def test_words_sentences_and_questions_are_counted() -> None:
    metrics = measure(write_meeting("Ann: It works. Does it?\nBob: Yes, it does."))
    assert metrics["word_count"] == 7
    assert metrics["sentence_count"] == 3
    assert metrics["question_count"] == 1
    assert metrics["average_words_per_sentence"] == 2.3


def test_silence_is_what_no_segment_covers() -> None:
    segments = (Segment(0, 10, "one two"), Segment(5, 15, "three"), Segment(20, 25, "four"))
    metrics = measure(Transcript(segments, 60.0))
    assert metrics["speech_seconds"] == 20.0
    assert metrics["silence_seconds"] == 40.0
    assert metrics["estimated_duration_minutes"] == 1.0
    assert metrics["words_per_minute"] == 12.0


def test_overlapping_speech_counts_once() -> None:
    assert measure_speech([(0, 4), (1, 2), (3, 6), (8, 9)]) == 7


def test_talk_time_is_shared_among_speakers() -> None:
    segments = (Segment(0, 30, "one.", speaker="Ann"), Segment(30, 40, "two.", speaker="Bob"))
    metrics = measure(Transcript(segments, 40.0))
    assert [share["share"] for share in metrics["talk_time"]] == [0.75, 0.25]  # type: ignore[index] # speakers are known here
    assert metrics["turns"] == 2
    assert metrics["longest_monologue_seconds"] == 30.0


def test_without_speakers_talk_time_is_not_guessed() -> None:
    talk_time = measure(write_meeting(TEAM_MEETING, is_bare=True))["talk_time"]
    assert talk_time == {
        "measurable": False,
        "reason": "The transcript does not say who speaks.",
    }


def test_interruptions_are_starts_inside_another_turn() -> None:
    segments = (Segment(0, 5, "one.", speaker="Ann"), Segment(4, 8, "two.", speaker="Bob"))
    assert measure(Transcript(segments, 8.0))["interruptions"] == 1


def test_dialogue_engages_more_than_monologue() -> None:
    monologue = TEAM_MEETING.replace("Daniel:", "Maria:").replace("Priya:", "Maria:")
    lively = measure(write_meeting(TEAM_MEETING))["engagement_score"]
    assert 0 < measure(write_meeting(monologue))["engagement_score"] < lively <= 10
