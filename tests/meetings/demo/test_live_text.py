"""New lines out of transcripts that always arrive as a whole."""

from typing import Any

from meetings.demo.live_text import Line, LiveText, find_added


def update(content: str, processed: int = 1) -> dict[str, Any]:
    return {
        "type": "transcript_update",
        "content": content,
        "metadata": {"chunks_processed": processed},
    }


def segment(number: int, start_ms: int, text: str) -> dict[str, Any]:
    return {"type": "segment", "id": f"{number}", "start_ms": start_ms, "text": text}


def test_only_what_was_appended_is_new() -> None:
    live = LiveText()
    live.take(update("good morning"), 10.0)
    assert live.take(update("good morning let us start"), 20.0) == [Line(20.0, "let us start")]
    assert live.text == "good morning let us start"


def test_segments_date_their_words() -> None:
    live = LiveText()
    live.take(segment(1, 520, "good morning"), 10.0)
    live.take(segment(2, 4000, "let us start"), 10.0)
    lines = live.take(update("good morning let us start"), 10.0)
    assert lines == [Line(0.52, "good morning"), Line(4.0, "let us start")]


def test_words_that_segments_do_not_explain_stay_one_line() -> None:
    live = LiveText()
    live.take(segment(1, 3000, "let us"), 10.0)
    assert live.take(update("well let us start"), 10.0) == [Line(3.0, "well let us start")]


def test_a_segment_counts_for_whole_words_only() -> None:
    live = LiveText()
    live.take(segment(1, 3000, "art"), 10.0)
    assert live.take(update("let us start"), 10.0) == [Line(10.0, "let us start")]


def test_same_transcript_again_is_not_new() -> None:
    live = LiveText()
    live.take(update("good morning"), 10.0)
    assert live.take(update("good morning"), 20.0) == []


def test_late_chunk_in_the_middle_is_found() -> None:
    assert find_added("one two five six", "one two three four five six") == "three four"


def test_repeated_words_are_not_lost() -> None:
    assert find_added("yes", "yes yes") == "yes"


def test_corrected_words_are_not_news() -> None:
    assert find_added("we have lost money", "we have last money") == ""


def test_frames_of_other_kinds_add_nothing() -> None:
    live = LiveText()
    assert live.take({"type": "system", "content": "Connected"}, 0.0) == []
    assert live.text == ""


def test_processed_chunks_are_remembered() -> None:
    live = LiveText()
    live.take(update("good morning", processed=3), 10.0)
    assert live.chunks_processed == 3
