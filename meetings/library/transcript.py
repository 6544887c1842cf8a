"""``/segments``: the transcript in pages, finished or drafted."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

from meetings.drafts import believe_chunks, describe_draft
from meetings.editing.writing import encode_segment
from meetings.models import Meeting, Segment
from meetings.recording import place_meeting

MOST_SEGMENTS, USUAL_SEGMENTS = 1000, 200
Encoded = dict[str, Any]


class SegmentsQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=2**31 - 1, help_text="next of the page before"
    )
    limit = serializers.IntegerField(
        default=USUAL_SEGMENTS, min_value=1, max_value=MOST_SEGMENTS, help_text="segments"
    )
    words = serializers.BooleanField(default=False, help_text="the words with their seconds too")


class SegmentAnswer(serializers.Serializer[Any]):
    """A stretch of speech, or audio that is missing; times in ms from the meeting's start."""

    id = serializers.CharField()
    rev = serializers.IntegerField(help_text="grows with each change")
    kind = serializers.ChoiceField(Segment.Kind.choices)
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    speaker = serializers.CharField(allow_null=True)
    speaker_label = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    words = serializers.ListField(child=serializers.DictField(), required=False)
    confidence = serializers.FloatField(allow_null=True)
    engine = serializers.CharField()
    edited = serializers.BooleanField()


class SegmentsAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    is_draft = serializers.BooleanField(help_text="while the meeting records: it may still change")
    segments = SegmentAnswer(many=True)
    total = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True)


def read_segments(meeting: Meeting, *, after: int, limit: int, words: bool) -> Encoded:
    """The segments after so many, in the order in which they were said."""
    is_draft = meeting.is_recording or not (
        meeting.status == Meeting.Status.COMPLETED or meeting.segments.exists()
    )
    read = read_drafted if is_draft else read_stored
    total, page = read(meeting, after, limit)
    end = after + len(page)
    if not words:
        page = [{name: one[name] for name in one if name != "words"} for one in page]
    return {
        "session_id": meeting.pk,
        "is_draft": is_draft,
        "segments": page,
        "total": total,
        "next": end if page and end < total else None,
    }


def read_stored(meeting: Meeting, after: int, limit: int) -> tuple[int, list[Encoded]]:
    rows = meeting.segments.order_by("position", "id")
    return rows.count(), [encode_segment(row) for row in rows[after : after + limit]]


def read_drafted(meeting: Meeting, after: int, limit: int) -> tuple[int, list[Encoded]]:
    drafted = sorted(list_drafted(meeting), key=lambda one: (one["start_ms"], one["id"]))
    return len(drafted), drafted[after : after + limit]


def list_drafted(meeting: Meeting) -> Iterator[Encoded]:
    """What was heard so far; a hole may be a chunk not transcribed yet, so none is named."""
    chunks = {chunk.index: chunk for chunk in meeting.chunks.exclude(samples=None)}
    believed = believe_chunks(chunks.values())
    for place in place_meeting(meeting):
        for position, segment in believed.get(place.index, ()):
            chunk = chunks[place.index]
            told = describe_draft(chunk, position, segment, place.start_seconds)
            yield {
                "id": told["id"],
                "rev": chunk.rev,
                "kind": Segment.Kind.SPEECH,
                "start_ms": told["start_ms"],
                "end_ms": told["end_ms"],
                "speaker": segment.speaker,
                "speaker_label": segment.speaker,
                "text": segment.text,
                "words": [
                    {
                        "text": word.text,
                        "start": round(place.start_seconds + word.start, 3),
                        "end": round(place.start_seconds + word.end, 3),
                        "probability": word.probability,
                    }
                    for word in segment.words
                ],
                "confidence": segment.confidence,
                "engine": chunk.engine,
                "edited": False,
            }
