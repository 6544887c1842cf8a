"""Meetings as they stand in the library: rows of which everything is known."""

from datetime import UTC, datetime
from typing import Any

from meetings import services
from meetings.models import AudioChunk, Meeting, Segment, StageResult

TAKEN_AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
LINES = (  # seconds, who, what
    (0.0, 4.0, "Speaker 1", "we order the pomegranates"),
    (4.5, 8.0, "Speaker 2", "who pays for them"),
    (8.0, 9.5, "Speaker 2", "and when"),
    (15.0, 20.0, "Speaker 1", "maria pays on friday"),
)
PLACE = [{"segment": 0, "start": 0.0, "end": 4.0}]
RESULTS: dict[str, dict[str, Any]] = {
    "recording": {"gaps": [{"start_ms": 10_000, "end_ms": 12_000}]},
    "summary": {"summary": "The team orders pomegranates.", "key_points": []},
    "keywords": {"keywords": [{"text": f"fruit {number}"} for number in range(7)]},
    "mood": {
        "overall_mood": "positive",
        "sentiment_score": 0.25,
        "curve": [{"start": 0.0, "end": 9.5, "score": -0.5}],
    },
    "agenda": {
        "agenda_items": [
            {"topic": "Fruit", "start": 0.0, "end": 9.5},
            {"topic": "Bills", "start": 15.0, "end": None},
            {"topic": "Anything else", "start": None, "end": None},
        ]
    },
    "actions": {
        "action_items": [
            {"task": "Pay", "owner": "Maria", "evidence": [{"start": 15.0}, {"start": 4.5}]},
            {"task": "Said nowhere", "owner": "", "evidence": []},
        ],
        "decisions": [{"text": "Order pomegranates.", "evidence": PLACE}],
        "questions": [{"text": "Who pays?", "speaker": "", "evidence": [{"start": 8.0}]}],
    },
    "metrics": {"word_count": 15},
}


def make_meeting(title: str = "", *, owner: str = "", **facts: Any) -> Meeting:
    """A completed meeting without content, with these values in its row."""
    meeting = services.start_meeting(title=title, owner=owner)
    Meeting.objects.filter(pk=meeting.pk).update(**{"status": "completed", **facts})
    return services.get_meeting(meeting.pk)


def make_full_meeting(title: str = "Fruit", **facts: Any) -> Meeting:
    """One that was recorded, transcribed and understood, with a hole in its sound."""
    meeting = make_meeting(
        title,
        **{
            "created_at": TAKEN_AT,
            "ended_at": TAKEN_AT.replace(minute=30),
            "duration_ms": 24_000,
            "tags": ["shop"],
            "generation": 1,
            **facts,
        },
    )
    add_chunk(meeting, text="we order")
    say_lines(meeting)
    Segment.objects.create(
        meeting=meeting, key="gap", position=3, start_ms=10_000, end_ms=12_000, kind="missing"
    )
    for name, result in RESULTS.items():
        add_result(meeting, name, result)
    return meeting


def say_lines(meeting: Meeting) -> None:
    positions = (0, 1, 2, 4)  # the hole is the third
    Segment.objects.bulk_create(
        Segment(
            meeting=meeting,
            key=f"s{position}",
            position=position,
            start_ms=round(start * 1000),
            end_ms=round(end * 1000),
            speaker=who,
            speaker_label=who,
            text=text,
            words=[{"text": text.split()[0], "start": start, "end": end, "probability": None}],
            engine="whisper_cli",
        )
        for position, (start, end, who, text) in zip(positions, LINES, strict=True)
    )


def add_chunk(meeting: Meeting, index: int = 0, **facts: Any) -> AudioChunk:
    """A piece of ten seconds, without its file."""
    known: dict[str, Any] = {"name": "chunk.wav", "size": 1, "samples": 160_000, **facts}
    return AudioChunk.objects.create(meeting=meeting, index=index, **known)


def add_result(
    meeting: Meeting, name: str, result: Any = None, *, status: str = "completed", **facts: Any
) -> StageResult:
    return StageResult.objects.create(
        meeting=meeting,
        name=name,
        status=status,
        result=result or {},
        generation=meeting.generation,
        **facts,
    )
