"""Who said each word: words and speaker turns on one time line, segments cut at the changes. Pure.

Times are compared as whole milliseconds, so that equal overlaps are equal. The overlap of many
spans with one speaker is a difference of two values of "how long did this speaker talk until
then", looked up by binary search: O(n log n), however the turns overlap each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby

import numpy as np
import numpy.typing as npt

from transcription.types import Segment, SpeakerTurn, Word

# Diarizers cut turns short and engines place words roughly; farther away it is a guess.
NEAR_SECONDS = 1.0
LONGEST_SECONDS = 10.0**9  # what is beyond is no time of a recording

Milliseconds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time: ``starts`` and ``ends`` of shape (n,), in milliseconds, start <= end."""

    starts: Milliseconds
    ends: Milliseconds


def align_segments(
    segments: Sequence[Segment], turns: Iterable[SpeakerTurn], near_seconds: float = NEAR_SECONDS
) -> list[tuple[Segment, ...]]:
    """For each segment the parts it falls into, each with its speaker, in order.

    A segment is cut only between two words; one without words goes whole to whoever talks most
    in it. A word without a speaker of its own goes with the words before it. Where no turn is
    within ``near_seconds`` the speaker that the segment had stays.
    """
    spans = [span for segment in segments for span in (segment.words or (segment,))]
    found = iter(find_speakers(spans, turns, near_seconds))
    return [
        _cut(segment, [next(found) for _ in segment.words])
        if segment.words
        else (_give(segment, next(found)),)
        for segment in segments
    ]


def find_speakers(
    spans: Sequence[Word | Segment | SpeakerTurn],
    turns: Iterable[SpeakerTurn],
    near_seconds: float = NEAR_SECONDS,
) -> list[str | None]:
    """Who talks most during each span; else whose turn is nearest to it, within the limit."""
    ordered = sorted(turns, key=lambda turn: (turn.start, turn.end))
    if not ordered or not spans:
        return [None] * len(spans)
    speakers = list(dict.fromkeys(turn.speaker for turn in ordered))
    wanted = _read_spans(spans)
    overlaps = measure_overlaps(wanted, ordered, speakers)
    best, has_overlap = overlaps.argmax(axis=0), overlaps.max(axis=0) > 0
    nearest = _find_nearest(wanted, _read_spans(ordered), round(near_seconds * 1000))
    return [
        speakers[best[index]]
        if has_overlap[index]
        else (ordered[nearest[index]].speaker if nearest[index] >= 0 else None)
        for index in range(len(spans))
    ]


def measure_overlaps(
    spans: Spans, turns: Sequence[SpeakerTurn], speakers: Sequence[str]
) -> Milliseconds:
    """Milliseconds that each speaker talks during each span, of shape (speakers, spans)."""
    own: dict[str, list[SpeakerTurn]] = {speaker: [] for speaker in speakers}
    for turn in turns:
        own[turn.speaker].append(turn)
    rows = [_measure_talk(_unite(_read_spans(own[speaker])), spans) for speaker in speakers]
    return np.stack(rows) if rows else np.zeros((0, len(spans.starts)), np.int64)


def name_speakers(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
    """The turns in time order, the voices called "Speaker 1", ... in order of first speech."""
    return keep_labels(turns, [])


def keep_labels(
    turns: Iterable[SpeakerTurn],
    earlier: Sequence[SpeakerTurn],
    reserved: Iterable[str] = (),
) -> list[SpeakerTurn]:
    """The turns in time order, each voice called as in ``earlier`` turns of the same recording.

    Voices are matched one to one, those with the most common speech first, so that names which
    people gave to a label stay with the voice. A new voice gets the lowest free "Speaker N";
    ``reserved`` labels are never given to a new voice.
    """
    ordered = sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))
    voices = list(dict.fromkeys(turn.speaker for turn in ordered))
    labels = _match_voices(ordered, voices, earlier)
    taken = {*labels.values(), *reserved}
    free = (label for number in count(1) if (label := f"Speaker {number}") not in taken)
    for voice in voices:
        if voice not in labels:
            labels[voice] = next(free)
    return [replace(turn, speaker=labels[turn.speaker]) for turn in ordered]


def _match_voices(
    turns: Sequence[SpeakerTurn], voices: Sequence[str], earlier: Sequence[SpeakerTurn]
) -> dict[str, str]:
    """Voice -> label of earlier, for those that talked at the same time."""
    known = sorted({turn.speaker for turn in earlier})
    if not known or not voices:
        return {}
    rows = {voice: row for row, voice in enumerate(voices)}
    overlaps = measure_overlaps(_read_spans(turns), earlier, known)
    common = np.zeros((len(voices), len(known)), np.int64)
    np.add.at(common, [rows[turn.speaker] for turn in turns], overlaps.T)
    labels: dict[str, str] = {}
    for cell in np.argsort(-common, axis=None, kind="stable"):
        row, column = divmod(int(cell), len(known))
        if common[row, column] <= 0:
            break
        if voices[row] not in labels and known[column] not in labels.values():
            labels[voices[row]] = known[column]
    return labels


def _read_spans(items: Sequence[Word | Segment | SpeakerTurn]) -> Spans:
    seconds = np.array([(item.start, item.end) for item in items], dtype=np.float64).reshape(-1, 2)
    kept = np.nan_to_num(seconds, nan=0.0, posinf=LONGEST_SECONDS, neginf=0.0)
    times = np.rint(kept.clip(-LONGEST_SECONDS, LONGEST_SECONDS) * 1000).astype(np.int64)
    return Spans(times[:, 0], np.maximum(times[:, 0], times[:, 1]))


def _unite(spans: Spans) -> Spans:
    """Sorted spans without overlap that cover the same time."""
    order = np.argsort(spans.starts, kind="stable")
    starts, ends = spans.starts[order], np.maximum.accumulate(spans.ends[order])
    opens = np.ones(len(starts), dtype=bool)
    opens[1:] = starts[1:] > ends[:-1]
    closes = np.append(np.flatnonzero(opens)[1:] - 1, len(starts) - 1)
    return Spans(starts[opens], ends[closes])


def _measure_talk(talk: Spans, spans: Spans) -> Milliseconds:
    """Milliseconds of ``talk`` (sorted, without overlap) during each span."""
    until = np.concatenate(([0], np.cumsum(talk.ends - talk.starts)))

    def measure_until(moments: Milliseconds) -> Milliseconds:
        begun = np.searchsorted(talk.starts, moments, side="right")
        last = np.maximum(begun - 1, 0)
        unspoken = np.maximum(talk.ends[last] - np.maximum(moments, talk.starts[last]), 0)
        measured: Milliseconds = until[begun] - np.where(begun > 0, unspoken, 0)
        return measured

    return measure_until(spans.ends) - measure_until(spans.starts)


def _find_nearest(spans: Spans, turns: Spans, limit: int) -> Milliseconds:
    """The nearest turn of each span that overlaps none, by index; -1 beyond the limit.

    ``turns`` are in order of their starts. Of two equally near ones it is the earlier.
    """
    latest = np.maximum.accumulate(turns.ends)
    is_latest = turns.ends >= latest
    ends_last = np.maximum.accumulate(np.where(is_latest, np.arange(len(latest)), 0))
    following = np.searchsorted(turns.starts, spans.starts, side="right")
    before, after = np.maximum(following - 1, 0), np.minimum(following, len(latest) - 1)
    far = np.int64(np.iinfo(np.int64).max)
    gap_before = np.where(following > 0, np.maximum(spans.starts - latest[before], 0), far)
    has_after = following < len(latest)
    gap_after = np.where(has_after, np.maximum(turns.starts[after] - spans.ends, 0), far)
    nearest = np.where(gap_before <= gap_after, ends_last[before], after)
    found: Milliseconds = np.where(np.minimum(gap_before, gap_after) <= limit, nearest, -1)
    return found


def _cut(segment: Segment, speakers: list[str | None]) -> tuple[Segment, ...]:
    filled = _fill(speakers)
    runs = [list(run) for _, run in groupby(range(len(filled)), key=filled.__getitem__)]
    if len(runs) == 1:
        return (_give(segment, filled[0]),)
    pieces = _divide_text(segment)
    return tuple(_take(segment, run, pieces, filled[run[0]]) for run in runs)


def _fill(speakers: list[str | None]) -> list[str | None]:
    """A word that nobody was heard to say goes with the word before it, or the first one after."""
    current = next((speaker for speaker in speakers if speaker is not None), None)
    filled = []
    for speaker in speakers:
        current = current if speaker is None else speaker
        filled.append(current)
    return filled


def _divide_text(segment: Segment) -> list[str]:
    """The text of each word, as it stands in the segment's text where that can be told."""
    written = segment.text.split()
    if len(written) == len(segment.words):
        return written
    return [word.text.strip() for word in segment.words]


def _take(segment: Segment, run: list[int], pieces: list[str], speaker: str | None) -> Segment:
    first, last = run[0], run[-1]
    words = segment.words[first : last + 1]
    start = segment.start if first == 0 else words[0].start
    end = segment.end if last == len(segment.words) - 1 else words[-1].end
    return replace(
        segment,
        start=start,
        end=max(start, end),
        text=" ".join(piece for piece in pieces[first : last + 1] if piece),
        words=words,
        speaker=speaker,
    )


def _give(segment: Segment, speaker: str | None) -> Segment:
    return segment if speaker is None else replace(segment, speaker=speaker)
