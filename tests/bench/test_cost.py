import pytest

from bench.parts.cost import SHARE, Models, run_once, split_words
from bench.parts.wer import describe, judge_live
from bench.service import BenchError
from bench.sounds import build_sparse_meeting, cut_pieces
from tests.transcription.engines.whisper_stage import PROGRAM, needs_whisper
from transcription.vad import find_speech

HEARD = {"model": "m", "alone": "a b x d", "stitched": "a b c", "whole": "a b c d"}


def test_meeting_has_the_pauses_that_it_is_said_to_have() -> None:
    meeting = build_sparse_meeting()
    assert meeting.duration == pytest.approx(120, abs=0.1)
    spoken = sum(span.duration for span in find_speech(meeting)) / meeting.duration
    assert spoken == pytest.approx(SHARE, abs=0.01)


def test_pieces_are_the_whole() -> None:
    pieces = cut_pieces(build_sparse_meeting())
    assert [round(piece.duration) for piece in pieces] == [10] * 12


def test_long_words_are_two_tokens() -> None:
    assert split_words("good morning everybody") == "good mornin g everyb ody"


def test_live_text_is_held_against_the_whole() -> None:
    rows = describe("engine", HEARD, "a b c d")
    assert [row["WER %"] for row in rows] == [25, 25, 0]
    assert [row["lost"] for row in rows] == [0, 1, 0]
    goal = judge_live("engine", HEARD, "a b c d")
    assert (goal["value"], goal["met"]) == (25, False)


@needs_whisper
def test_work_of_the_plain_program_is_measured(tmp_path_factory: pytest.TempPathFactory) -> None:
    models = Models(tmp_path_factory.mktemp("cost"))
    model = models.write("chunk", 5.0)
    chunk = cut_pieces(build_sparse_meeting())[0]
    few = run_once(("-bs", "1", "-bo", "1", "-ac", "300"), PROGRAM, model, chunk)
    assert 0.02 < few < run_once(("-bs", "1", "-bo", "1"), PROGRAM, model, chunk)
    with pytest.raises(BenchError, match="ended with status"):
        run_once((), PROGRAM, f"{model}.none", chunk)
