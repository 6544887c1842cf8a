"""Recordings of minutes in parts, through engines that report what they were given."""

import resource
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pytest

from tests.transcription.sounds import load_meeting, load_speech, load_utterances, make_silence
from transcription import router
from transcription.audio import Audio, join
from transcription.engines import base
from transcription.engines.base import Availability, EngineError, Heard, Options
from transcription.engines.breaker import forget_breakers
from transcription.scoring import wer
from transcription.transcribe_long import read_blocks, transcribe_long
from transcription.types import Segment, Word

HERE = "tests.transcription.test_transcribe_long"
OPTIONS = Options()
MEETING = load_meeting()


class Counter:
    """Hears one word in the middle of each window."""

    name, model = "counter", "scripted"
    window_seconds: ClassVar[float | None] = 30.0
    given: ClassVar[list[tuple[Audio, Options]]] = []
    error: ClassVar[EngineError | None] = None

    def check(self) -> Availability:
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        type(self).given.append((audio, options))
        if self.error:
            raise self.error
        middle = audio.duration / 2
        word = Word("here", middle - 0.1, middle + 0.1, 0.9)
        return Heard((Segment(word.start, word.end, "here", 0.9, (word,)),), "en")


class Whole(Counter):
    name = "whole"
    window_seconds = None
    given: ClassVar[list[tuple[Audio, Options]]] = []


class BrokenWhole(Whole):
    name = "brokenwhole"
    given: ClassVar[list[tuple[Audio, Options]]] = []
    error = EngineError("brokenwhole: no credit", permanent=True)


class Fickle(Counter):
    """Fails at every second window."""

    name = "fickle"
    given: ClassVar[list[tuple[Audio, Options]]] = []

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        heard = super().transcribe(audio, options)
        if not len(self.given) % 2:
            raise EngineError("fickle: not now", permanent=True)
        return heard


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in (Counter, Whole, BrokenWhole, Fickle):
        monkeypatch.setitem(base.ENGINES, engine.__name__.lower(), f"{HERE}.{engine.__name__}")
        engine.given.clear()
    monkeypatch.setattr(router, "FIRST_PAUSE_SECONDS", 0.0)
    forget_breakers()


def cut(audio: Audio, seconds: float) -> Iterator[Audio]:
    for start in np.arange(0, audio.duration, seconds):
        yield audio.slice(start, start + seconds)


def test_windows_are_full_of_speech() -> None:
    transcript = transcribe_long(cut(MEETING, 10.24), OPTIONS, ["counter"])
    assert transcript.duration == pytest.approx(MEETING.duration)
    assert (transcript.engine, transcript.language) == ("counter", "en")
    assert len(Counter.given) <= MEETING.duration / 10.24 / 2.5
    assert all(options.is_final for _, options in Counter.given)


def test_each_second_of_speech_is_heard_once() -> None:
    transcribe_long(cut(join([MEETING] * 3), 7.3), OPTIONS, ["counter"])
    heard = sum(audio.duration for audio, _ in Counter.given)
    Counter.given.clear()
    transcribe_long([MEETING], OPTIONS, ["counter"])
    assert heard == pytest.approx(3 * sum(audio.duration for audio, _ in Counter.given), rel=0.03)


def test_length_of_the_parts_makes_no_difference() -> None:
    texts = [
        transcribe_long(cut(MEETING, seconds), OPTIONS, ["counter"]).segments
        for seconds in (3.0, 10.24)
    ]
    assert [s.start for s in texts[0]] == pytest.approx([s.start for s in texts[1]], abs=1.0)


def test_words_lie_where_they_were_said() -> None:
    """Real words of the sample after five minutes of silence: times and text survive."""
    speech, said = load_speech(4)
    late = join([make_silence(300), speech, make_silence(30)])
    transcript = transcribe_long(cut(late, 10.24), OPTIONS, ["pocketsphinx"])
    first = load_utterances()[0]["start"]
    assert wer(said, transcript.text).rate <= 0.35
    assert transcript.segments[0].start == pytest.approx(300 + first, abs=0.6)
    assert all(300 <= w.start < w.end <= 360 for s in transcript.segments for w in s.words)


def test_blocks_follow_each_other_without_a_gap() -> None:
    blocks = list(read_blocks(cut(join([MEETING] * 3), 10.24), 30.0))
    assert len(blocks) > 2
    assert [block.offset for block in blocks[1:]] == [block.end for block in blocks[:-1]]
    assert blocks[-1].end == pytest.approx(3 * MEETING.duration)


def test_windows_lost_by_one_engine_are_done_by_the_next() -> None:
    transcript = transcribe_long(cut(join([MEETING] * 2), 30), OPTIONS, ["fickle", "counter"])
    total = len(Fickle.given)
    assert total > 4
    assert len(transcript.segments) == total
    assert transcript.notes[0] == "fickle: not now"
    assert f"of {total} windows" in transcript.notes[-1]


def test_recording_that_nobody_can_do_is_an_error() -> None:
    with pytest.raises(EngineError, match="no credit"):
        transcribe_long([MEETING], OPTIONS, ["brokenwhole"])


def test_engine_that_wants_it_whole_gets_it_whole() -> None:
    """So that its speaker numbers mean the same person from beginning to end."""
    transcript = transcribe_long(cut(MEETING, 10), OPTIONS, ["whole", "counter"])
    ((audio, _),) = Whole.given
    assert np.array_equal(audio.samples, MEETING.samples)
    assert isinstance(audio.samples.base, np.memmap) or isinstance(audio.samples, np.memmap)
    assert (transcript.engine, Counter.given) == ("whole", [])


def test_windows_do_what_could_not_be_done_whole() -> None:
    transcript = transcribe_long(cut(MEETING, 10), OPTIONS, ["brokenwhole", "counter"])
    assert transcript.engine == "counter"
    assert transcript.notes == ("brokenwhole: no credit",)
    assert len(Counter.given) > 1


@pytest.mark.parametrize("name", ["counter", "whole", "pocketsphinx"])
@pytest.mark.parametrize("parts", [[], [make_silence(0)], [make_silence(300)]])
def test_nothing_spoken_asks_no_engine(parts: list[Audio], name: str) -> None:
    transcript = transcribe_long(parts, OPTIONS, [name])
    assert (transcript.segments, transcript.engine) == ((), "")
    assert transcript.duration == sum(part.duration for part in parts)


def test_progress_is_told() -> None:
    seconds: list[float] = []
    transcribe_long([MEETING], OPTIONS, ["counter"], seconds.append)
    assert seconds == sorted(seconds)
    assert len(seconds) == len(Counter.given)


def test_words_are_left_out_where_nobody_wants_them() -> None:
    transcript = transcribe_long([MEETING], Options(want_words=False), ["counter"])
    assert all(segment.words == () for segment in transcript.segments)


def test_hours_need_no_more_memory_than_minutes() -> None:
    def measure() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    transcribe_long(cut(MEETING, 10.24), OPTIONS, ["counter"])
    Counter.given.clear()
    before = measure()
    hour = (part for _ in range(round(3600 / MEETING.duration)) for part in cut(MEETING, 10.24))
    transcribe_long(hour, OPTIONS, ["counter"])
    Counter.given.clear()
    assert measure() - before < 130 * 1024  # KiB; the hour itself has 110 MiB, kept by the counter
