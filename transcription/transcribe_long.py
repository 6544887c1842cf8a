"""The final pass: a recording of hours, in bounded memory, over windows full of speech."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np

from transcription.audio import SAMPLE_RATE, Audio, join
from transcription.engines.base import EngineError, Options, get_engine, is_available
from transcription.router import Answer, ask_engine, ask_engines, list_engines, summarise
from transcription.transcribe import drop_unspoken, restore_spoken
from transcription.types import Segment, Transcript
from transcription.vad import find_speech
from transcription.windows import Window, pack_windows

# Sound that is looked at together: long enough to fill windows, 4 MB a time.
BLOCK_SECONDS = 120.0
# Speech waits for more until so much sound is held for it.
LONGEST_WAIT_SECONDS = BLOCK_SECONDS / 2
# Speech that ends nearer to the end of a block may go on in the next.
OPEN_END_SECONDS = 1.0
# A part of a recording that is read again from a file.
PART_SECONDS = 60.0

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """Windows of one stretch of a recording that begins at ``offset`` seconds."""

    offset: float
    windows: list[Window]
    end: float


@dataclass(slots=True)
class Findings:
    """What was heard so far; one entry of ``engines`` and ``languages`` a window."""

    segments: list[Segment] = field(default_factory=list)
    engines: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    notes: dict[str, None] = field(default_factory=dict)
    duration: float = 0.0

    def add(self, answer: Answer, segments: Iterable[Segment]) -> None:
        name, model = answer.engine.name, answer.engine.model
        self.segments.extend(replace(one, engine=name, model=model) for one in segments)
        self.engines[name, model] += 1
        self.languages[answer.heard.language] += bool(answer.heard.language)
        self.notes.update(dict.fromkeys(answer.notes))

    def list_segments(self, engine: str, model: str) -> Iterator[Segment]:
        """In time order; those of this engine and model need not name them."""
        for segment in sorted(self.segments, key=lambda segment: segment.start):
            is_usual = (segment.engine, segment.model) == (engine, model)
            yield replace(segment, engine="", model="") if is_usual else segment

    def conclude(self, language: str, started: float) -> Transcript:
        (name, model), count = (self.engines.most_common(1) or [(("", ""), 0)])[0]
        heard = +self.languages
        total = sum(self.engines.values())
        shares = [f"{name} did {count} of {total} windows"] if count < total else []
        return Transcript(
            segments=tuple(self.list_segments(name, model)),
            duration=self.duration,
            language=heard.most_common(1)[0][0] if heard else language,
            engine=name,
            model=model,
            work_seconds=round(time.perf_counter() - started, 3),
            notes=(*self.notes, *shares),
        )


def transcribe_long(
    parts: Iterable[Audio],
    options: Options,
    engines: Sequence[str] | None = None,
    report: Report | None = None,
) -> Transcript:
    """What is said in a recording of any length, given as its parts in order.

    Memory holds some minutes of it; an engine that takes recordings as a whole reads them from a
    temporary file. ``report`` is called with the seconds that are done. Raises EngineError if no
    engine could do a window, as ``transcribe`` does.
    """
    started = time.perf_counter()
    names = list_engines(engines)
    wishes = replace(options, is_final=True, want_words=True)  # times are mapped word by word
    findings = Findings()
    if takes_whole_recordings(names):
        with tempfile.TemporaryFile(prefix="recording-") as file:
            recording = _spool(parts, file)
            _hear_recording(recording, names, wishes, findings, report)
    else:
        _hear_blocks(parts, names, wishes, findings, report)
    if not options.want_words:
        findings.segments = [replace(segment, words=()) for segment in findings.segments]
    return findings.conclude(options.language, started)


def takes_whole_recordings(names: Sequence[str]) -> bool:
    """Whether the first engine that is ready wants a recording in one piece."""
    ready = next((name for name in names if is_available(name).is_ready), "")
    return bool(ready) and get_engine(ready).window_seconds is None


def read_blocks(parts: Iterable[Audio], longest: float) -> Iterator[Block]:
    """The recording in stretches cut where nobody speaks, their speech packed into windows.

    What does not fill its window waits for the speech that follows.
    """
    offset, held = 0.0, Audio(np.zeros(0, np.int16))
    for part in parts:
        held = join([held, part])
        if held.duration >= BLOCK_SECONDS:
            block = _close_block(offset, held, longest)
            yield block
            held = held.slice(block.end - offset, held.duration)
            offset = block.end
    windows = pack_windows(held, find_speech(held), longest)
    yield Block(offset, windows, offset + held.duration)


def _close_block(offset: float, held: Audio, longest: float) -> Block:
    spans = find_speech(held)
    windows = pack_windows(held, spans, longest)
    if len(windows) > 1 and held.duration - windows[-1].start < LONGEST_WAIT_SECONDS:
        cut = _find_cut(windows[-2].end, windows[-1].start)
        return Block(offset, windows[:-1], _align(offset + cut))
    if spans and held.duration - spans[-1].end < OPEN_END_SECONDS and len(spans) > 1:
        cut = _find_cut(spans[-2].end, spans[-1].start)
        return Block(offset, pack_windows(held, spans[:-1], longest), _align(offset + cut))
    return Block(offset, windows, _align(offset + held.duration))


def _find_cut(before: float, after: float) -> float:
    """Within the pause, with a second of air for what comes: its first sound may be soft."""
    return max(before, after - OPEN_END_SECONDS)


def _align(second: float) -> float:
    """To a whole sample, so that no sample is lost or doubled over hours."""
    return round(second * SAMPLE_RATE) / SAMPLE_RATE


def _hear_blocks(
    parts: Iterable[Audio],
    names: Sequence[str],
    options: Options,
    findings: Findings,
    report: Report | None,
) -> None:
    longest = _choose_window(names)
    for block in read_blocks(parts, longest):
        for window in block.windows:
            answer = ask_engines(names, window.audio, options)
            findings.add(answer, _place(window, answer.heard.segments, block.offset))
            if report:
                report(block.offset + window.end)
        findings.duration = block.end


def _choose_window(names: Sequence[str]) -> float:
    """The shortest that an engine of the list wants: any of them may have to do the work."""
    ready = (get_engine(name).window_seconds for name in names if is_available(name).is_ready)
    return min((seconds for seconds in ready if seconds), default=BLOCK_SECONDS)


def _place(window: Window, segments: Sequence[Segment], offset: float) -> list[Segment]:
    return [_move(part, offset) for part in restore_spoken(window, segments)]


def _move(segment: Segment, seconds: float) -> Segment:
    words = tuple(
        replace(word, start=round(word.start + seconds, 3), end=round(word.end + seconds, 3))
        for word in segment.words
    )
    start, end = round(segment.start + seconds, 3), round(segment.end + seconds, 3)
    return replace(segment, start=start, end=end, words=words)


def _spool(parts: Iterable[Audio], file: BinaryIO) -> Audio:
    count = 0
    for part in parts:
        file.write(part.samples.astype(np.int16, copy=False).tobytes())
        count += len(part.samples)
    file.flush()
    if not count:
        return Audio(np.zeros(0, np.int16))
    return Audio(np.memmap(file, np.int16, "r", shape=(count,)))


def _hear_recording(
    recording: Audio,
    names: Sequence[str],
    options: Options,
    findings: Findings,
    report: Report | None,
) -> None:
    """In one piece by the engines that want it so; if they fail, in windows by the others."""
    findings.duration = recording.duration
    spans = find_speech(recording)
    if not spans:
        return
    failures: list[EngineError] = []
    whole, others = _divide(names)
    for name in whole:
        try:
            heard = ask_engine(name, recording, options)
        except EngineError as error:
            failures.append(error)
            continue
        notes = tuple(failure.message for failure in failures)
        findings.add(Answer(get_engine(name), heard, notes), drop_unspoken(heard.segments, spans))
        return
    if not others:
        raise summarise(failures)
    findings.notes.update(dict.fromkeys(failure.message for failure in failures))
    _hear_blocks(_read_parts(recording), others, options, findings, report)


def _divide(names: Sequence[str]) -> tuple[list[str], list[str]]:
    whole = [name for name in names if takes_whole_recordings([name])]
    return whole, [name for name in names if name not in whole]


def _read_parts(recording: Audio) -> Iterator[Audio]:
    for start in np.arange(0, recording.duration, PART_SECONDS):
        yield recording.slice(start, start + PART_SECONDS)
