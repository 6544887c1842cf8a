"""``/timeline``: what is drawn under the player, from the segments and the stages' results."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rest_framework import serializers

from meetings.library.lanes import Spoken, count_turns, find_silence, find_turns
from meetings.models import Meeting, StageResult
from meetings.speaker_roster import read_roster
from meetings.speakers import list_spoken, read_rules

Found = Mapping[str, Any]
DRAWN_STAGES = ("recording", "mood", "agenda", "actions")
MARKERS = (
    ("action", "action_items", "task", "owner"),
    ("decision", "decisions", "text", ""),
    ("question", "questions", "text", "speaker"),
)


class SpanField(serializers.ListField):
    """Start and end in ms."""

    child = serializers.IntegerField()


class LaneSpeaker(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes it off the class
    name = serializers.CharField()
    seconds = serializers.FloatField()
    share = serializers.FloatField(help_text="of all talk, 0..1")
    turns = serializers.IntegerField(help_text="how often that speaker took the floor")


class MoodPoint(serializers.Serializer[Any]):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    score = serializers.FloatField(help_text="-1..1")


class AgendaSpan(serializers.Serializer[Any]):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    topic = serializers.CharField()


class Marker(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([kind for kind, *_ in MARKERS])
    start_ms = serializers.IntegerField()
    text = serializers.CharField()
    speaker = serializers.CharField(allow_null=True)


class TimelineAnswer(serializers.Serializer[Any]):
    """Times in ms from the meeting's start."""

    session_id = serializers.CharField()
    duration_ms = serializers.IntegerField()
    speakers = LaneSpeaker(many=True)
    turns = serializers.ListField(
        child=serializers.ListField(), help_text="[start_ms, end_ms, label or null]"
    )
    mood_curve = MoodPoint(many=True)
    agenda = AgendaSpan(many=True)
    silence = serializers.ListField(child=SpanField())
    gaps = serializers.ListField(child=SpanField(), help_text="audio that never came")
    markers = Marker(many=True)


def read_timeline(meeting: Meeting) -> dict[str, Any]:
    """Whatever is known so far; lists are empty where a stage has not run or failed."""
    rows = meeting.stages.filter(name__in=DRAWN_STAGES, status=StageResult.Status.COMPLETED)
    found: dict[str, Found] = dict(rows.values_list("name", "result"))
    rules = read_rules(meeting)
    spoken = [
        Spoken(
            row.start_ms,
            row.end_ms,
            rules.find_voice(row.speaker_label, row.start_ms, row.end_ms),
        )
        for row in list_spoken(meeting)
    ]
    gaps = [(gap["start_ms"], gap["end_ms"]) for gap in found.get("recording", {}).get("gaps", ())]
    return {
        "session_id": meeting.pk,
        "duration_ms": meeting.duration_ms,
        "speakers": list_speakers(meeting, spoken),
        "turns": [[turn.start_ms, turn.end_ms, turn.label or None] for turn in find_turns(spoken)],
        "mood_curve": [
            {**convert_span(reading), "score": reading["score"]}
            for reading in found.get("mood", {}).get("curve", ())
        ],
        "agenda": [
            {**convert_span(item), "topic": item["topic"]}
            for item in found.get("agenda", {}).get("agenda_items", ())
            if item.get("start") is not None
        ],
        "silence": [list(span) for span in find_silence(spoken, gaps, meeting.duration_ms)],
        "gaps": [list(gap) for gap in gaps],
        "markers": sorted(
            list_markers(found.get("actions", {})), key=lambda marker: marker["start_ms"]
        ),
    }


def list_speakers(meeting: Meeting, spoken: Iterable[Spoken]) -> list[dict[str, Any]]:
    turns = count_turns(spoken)
    return [
        {
            "label": voice.label,
            "name": voice.name,
            "seconds": round(voice.talk_ms / 1000, 2),
            "share": voice.share,
            "turns": turns.get(voice.label, 0),
        }
        for voice in read_roster(meeting).speakers
    ]


def convert_span(found: Found) -> dict[str, int]:
    """Seconds as a model wrote them, in ms; without an end a moment."""
    start = round(found["start"] * 1000)
    end = found.get("end")
    return {"start_ms": start, "end_ms": start if end is None else round(end * 1000)}


def list_markers(actions: Found) -> Iterator[dict[str, Any]]:
    """What was agreed and asked, where it was first said; what cites no second has no place."""
    for kind, name, text, speaker in MARKERS:
        for item in actions.get(name, ()):
            starts = [place["start"] for place in item.get("evidence") or ()]
            if starts:
                yield {
                    "kind": kind,
                    "start_ms": round(min(starts) * 1000),
                    "text": item[text],
                    "speaker": (item.get(speaker) or None) if speaker else None,
                }
