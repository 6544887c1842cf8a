"""Telling the speakers of a recording apart, and writing them into its segments."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings

from meetings.models import Meeting
from meetings.models import Segment as Row
from meetings.recording import iterate_recording
from meetings.speakers import name_row, read_rules
from meetings.stages import Result
from transcription.audio import join
from transcription.diarization.alignment import align_segments, keep_labels, name_speakers
from transcription.diarization.base import ANY_COUNT, AUTO, NONE, SpeakerCount, choose_diarizer
from transcription.types import Segment, SpeakerTurn, Word

NO_RECORDING = "there is no recording"


def find_turns(
    meeting: Meeting,
    *,
    count: SpeakerCount | None = None,
    heard: Sequence[Segment] = (),
    engine: str = "",
) -> Result:
    """Who speaks when in the recording, or why that is not known.

    ``heard`` are segments that ``engine`` gave for the whole recording in one go: where they
    name speakers, these count, unless DIARIZER asks for another. ``count`` is by default what the
    meeting expects. The result has ``engine``,
    ``model``, ``speakers`` (how many) and ``turns`` ([start_ms, end_ms, label] in time order);
    with the engine "none" it has the ``reason``. Memory holds the recording, 115 MB an hour.
    Raises EngineError, OSError.
    """
    own = [SpeakerTurn(part.start, part.end, part.speaker) for part in heard if part.speaker]
    if own and getattr(settings, "DIARIZER", AUTO) in {AUTO, engine}:
        return encode_turns(engine, "", own)
    choice = choose_diarizer()
    if choice.diarizer is None:
        return {"engine": NONE, "reason": choice.reason}
    if not meeting.duration_ms:
        return {"engine": NONE, "reason": NO_RECORDING}
    turns = choice.diarizer.diarize(
        join(iterate_recording(meeting)), count or expect_speakers(meeting)
    )
    return encode_turns(choice.diarizer.name, choice.diarizer.model, turns)


def expect_speakers(meeting: Meeting) -> SpeakerCount:
    """What whoever started the meeting said about it."""
    expected = meeting.speakers_expected
    return SpeakerCount(exactly=expected) if expected else ANY_COUNT


def encode_turns(engine: str, model: str, turns: Iterable[SpeakerTurn]) -> Result:
    named = name_speakers(turns)
    rows = [[round(t.start * 1000), round(t.end * 1000), t.speaker] for t in named]
    speakers = len({turn.speaker for turn in named})
    return {"engine": engine, "model": model, "speakers": speakers, "turns": rows}


def decode_turns(result: Result) -> list[SpeakerTurn]:
    """The turns of a stage's result; none where it has none."""
    rows: list[Any] = result.get("turns", [])
    return [SpeakerTurn(start / 1000, end / 1000, label) for start, end, label in rows]


def place_speakers(
    meeting: Meeting, rows: Iterable[Row], turns: Sequence[SpeakerTurn]
) -> list[Row]:
    """New rows of the finished transcript with their speakers, cut where the speaker changes.

    To be called before the earlier rows are deleted, under the room's lock: a voice keeps the
    label that it had in them, so what people said about it still holds. Without turns, because
    the diarizer failed or is gone, the speakers of the earlier rows stay.
    """
    earlier = list_turns(meeting)
    rules = read_rules(meeting)
    said = [*rules.names, *rules.merges, *(given.label for given in rules.ranges)]
    # Where nothing is known of the earlier voices, numbers are all there is to go by.
    labelled = keep_labels(turns, earlier, said if earlier else ()) or earlier
    placed = list(cut_rows(list(rows), labelled))
    for row in placed:
        row.speaker = name_row(rules, row) if row.kind == Row.Kind.SPEECH else ""
    return placed


def list_turns(meeting: Meeting) -> list[SpeakerTurn]:
    """Who spoke when in the stored segments, as the diarizer said."""
    rows = meeting.segments.exclude(speaker_label="").order_by("start_ms")
    values = rows.values_list("start_ms", "end_ms", "speaker_label")
    return [SpeakerTurn(start / 1000, end / 1000, label) for start, end, label in values]


def cut_rows(rows: list[Row], turns: list[SpeakerTurn]) -> Iterator[Row]:
    spoken = [decode_row(row) for row in rows if row.kind == Row.Kind.SPEECH]
    parts = iter(align_segments(spoken, turns))
    for row in rows:
        if row.kind == Row.Kind.SPEECH:
            yield from divide_row(row, next(parts))
        else:
            yield row


def divide_row(row: Row, parts: tuple[Segment, ...]) -> Iterator[Row]:
    """The first part keeps the key, so that what points to it still does."""
    if len(parts) == 1:
        row.speaker_label = parts[0].speaker or ""
        yield row
        return
    for number, part in enumerate(parts, start=1):
        yield Row(
            meeting_id=row.meeting_id,
            kind=row.kind,
            key=row.key if number == 1 else f"{row.key}.{number}",
            start_ms=round(part.start * 1000),
            end_ms=round(part.end * 1000),
            text=part.text,
            speaker_label=part.speaker or "",
            words=[encode_word(word) for word in part.words],
            confidence=row.confidence,
            engine=row.engine,
            model=row.model,
        )


def decode_row(row: Row) -> Segment:
    words = tuple(Word(**word) for word in row.words)
    return Segment(row.start_ms / 1000, row.end_ms / 1000, row.text, row.confidence, words)


def encode_word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "start": word.start,
        "end": word.end,
        "probability": word.probability,
    }
