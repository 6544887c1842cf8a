"""A page of the library: every meeting with what a person recognises it by.

The number of queries is the same whatever the size of the page.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum

from chat.frames import format_utc
from meetings.library.filters import ORDERS, Filters, apply_filters
from meetings.models import AudioChunk, Meeting, MeetingQuerySet, Segment, Speaker, StageResult
from meetings.stages import measure_progress, name_current
from meetings.timeline import SAMPLE_RATE

TOP_KEYWORDS = 5
PREVIEW_CHARACTERS = 200
SAMPLES_PER_MS = SAMPLE_RATE // 1000
# Small results only: that of "transcript" alone may be a megabyte of JSON.
TOLD_STAGES = ("summary", "keywords", "mood", "metrics", "recording")
Facts = dict[str, Any]


def list_meetings(
    meetings: MeetingQuerySet,
    wanted: Filters,
    *,
    statuses: Sequence[str] = (),
    order: str = "newest",
    page: int = 1,
    limit: int = 20,
) -> dict[str, Any]:
    """One page of those of the meetings that are wanted, and how many there are of each status."""
    chosen = apply_filters(meetings, wanted)
    counts = count_statuses(chosen)
    kept = chosen.filter(status__in=statuses) if statuses else chosen
    total = sum(counts[status] for status in statuses or counts)
    first = (page - 1) * limit
    rows = list(annotate(kept).order_by(*ORDERS[order])[first : first + limit])
    return {
        "results": encode_rows(rows),
        "total": total,
        "page": page,
        "pages": -(-total // limit),
        "limit": limit,
        "counts": counts,
    }


def count_statuses(meetings: MeetingQuerySet) -> dict[str, int]:
    found = meetings.order_by().values_list("status").annotate(count=Count("pk"))
    return {**dict.fromkeys(Meeting.Status.values, 0), **dict(found)}


def annotate(meetings: MeetingQuerySet) -> MeetingQuerySet:
    chunks = AudioChunk.objects.filter(meeting=OuterRef("pk"))
    # By key: whatever else orders them reads every segment of a meeting for its first.
    heard = Segment.objects.filter(meeting=OuterRef("pk")).exclude(engine="").order_by("pk")
    told: MeetingQuerySet = meetings.select_related("conversation").annotate(
        has_audio=Q(Exists(chunks.exclude(name=""))) | ~Q(recording_name=""),
        heard_by=Subquery(heard.values("engine")[:1]),
        latest=Subquery(chunks.exclude(text="").order_by("-index").values("text")[:1]),
    )
    return told.defer("transcript", "conversation__document_ids")


def encode_rows(rows: Sequence[Meeting]) -> list[dict[str, Any]]:
    ids = [row.pk for row in rows]
    stages, results = read_stages(ids), read_results(ids)
    voices, recorded = read_voices(ids), measure_recorded(ids)
    return [
        encode_row(
            row,
            [stage for stage in stages.get(row.pk, []) if stage["generation"] == row.generation],
            results.get(row.pk, {}),
            voices.get(row.pk, []),
            recorded.get(row.pk, 0),
        )
        for row in rows
    ]


def encode_row(
    row: Any, stages: list[Facts], found: Facts, voices: list[Facts], recorded_ms: int
) -> dict[str, Any]:
    """``row`` is a Meeting with what ``annotate`` adds."""
    is_processing = row.status == Meeting.Status.PROCESSING
    preview = row.latest if row.is_recording else found.get("summary")
    return {
        "session_id": row.pk,
        "title": row.conversation.title,
        "status": row.status,
        "created_at": format_utc(row.created_at),
        "ended_at": format_utc(row.ended_at) if row.ended_at else None,
        "duration_ms": row.duration_ms or recorded_ms,
        "tags": row.tags,
        "speakers": voices,
        "mood": encode_mood(found),
        "keywords": [keyword["text"] for keyword in (found.get("keywords") or ())[:TOP_KEYWORDS]],
        "words": found.get("word_count"),
        "engine": row.heard_by or row.engine,
        "language": row.language,
        "gaps": len(found.get("gaps") or ()),
        "progress": measure_progress(stages) if is_processing else None,
        "stage": name_current(stages) if is_processing else None,
        "failure": encode_failure(row),
        "ended_abruptly": row.ended_abruptly,
        "can_resume": row.can_resume,
        "has_audio": row.has_audio,
        "preview": (preview or "")[:PREVIEW_CHARACTERS],
    }


def encode_mood(found: Facts) -> Facts | None:
    if found.get("overall_mood") is None:
        return None
    return {name: found.get(name) for name in ("overall_mood", "sentiment_score")}


def encode_failure(row: Meeting) -> Facts | None:
    if not row.failure_code:
        return None
    return {"code": row.failure_code, "reason": row.failure_reason}


def read_stages(ids: Sequence[str]) -> dict[str, list[Facts]]:
    """How far each meeting is, in the order in which the stages ran."""
    rows = StageResult.objects.filter(meeting__in=ids).order_by("id")
    picked = rows.values("meeting_id", "name", "status", "generation")
    return group(dict(row) for row in picked)


def read_results(ids: Sequence[str]) -> dict[str, Facts]:
    """Of each meeting the few values of its results that a list shows."""
    names = ("summary", "keywords", "overall_mood", "sentiment_score", "word_count", "gaps")
    rows = StageResult.objects.filter(
        meeting__in=ids, name__in=TOLD_STAGES, status=StageResult.Status.COMPLETED
    )
    found: dict[str, Facts] = {}
    for meeting_id, *values in rows.values_list(
        "meeting_id", *(f"result__{name}" for name in names)
    ):
        told = zip(names, values, strict=True)
        known = {name: value for name, value in told if value is not None}
        found.setdefault(meeting_id, {}).update(known)
    return found


def read_voices(ids: Sequence[str]) -> dict[str, list[Facts]]:
    """Who speaks in each meeting, the most talkative first, with the share of the talk, 0..1."""
    rows = Segment.objects.filter(meeting__in=ids, kind=Segment.Kind.SPEECH).exclude(speaker="")
    spoken = rows.order_by().values("meeting_id", "speaker")
    talk = group(dict(row) for row in spoken.annotate(ms=Sum(F("end_ms") - F("start_ms"))))
    named = Speaker.objects.filter(meeting__in=ids, merged_into="").exclude(name="")
    labels = {(row.meeting_id, row.name): row.label for row in named}
    return {
        meeting_id: [
            {
                "label": labels.get((meeting_id, one["speaker"]), one["speaker"]),
                "name": one["speaker"],
                "share": round(one["ms"] / max(1, sum(each["ms"] for each in each_ms)), 4),
            }
            for one in sorted(each_ms, key=lambda each: (-each["ms"], each["speaker"]))
        ]
        for meeting_id, each_ms in talk.items()
    }


def measure_recorded(ids: Sequence[str]) -> dict[str, int]:
    """What was recorded so far, in ms, where the whole is not joined yet."""
    rows = AudioChunk.objects.filter(meeting__in=ids, meeting__duration_ms=0).order_by()
    sums = rows.values_list("meeting_id").annotate(samples=Sum("samples"))
    return {meeting_id: (samples or 0) // SAMPLES_PER_MS for meeting_id, samples in sums}


def group(rows: Iterable[Facts]) -> dict[str, list[Facts]]:
    grouped: dict[str, list[Facts]] = {}
    for row in rows:
        grouped.setdefault(row["meeting_id"], []).append(row)
    return grouped
