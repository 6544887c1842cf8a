"""Meetings that no engine would hear: hostile words, and three hours of them."""

import io
from typing import Any

import av
import numpy as np
from django.core.files.base import ContentFile
from django.db.models.functions import Now

from chat.models import Conversation
from meetings import media
from meetings.models import Meeting, Segment, StageResult
from tests.console.stage import HOSTILE

LONG_WORDS, WORDS_A_SEGMENT, SECONDS = 27_000, 18, 10_800
VOICES = ("Ana", "Ben", "Chris", "Dora")


def write_hostile() -> str:
    """Markup in everything that a person or an engine can write."""
    meeting = write_meeting(
        HOSTILE, [(0, 4000, HOSTILE, HOSTILE[:90]), (4000, 9000, f"and {HOSTILE}", "Ben")]
    )
    claim = {"text": HOSTILE, "evidence": [{"segment": 0, "start": 0.0, "end": 4.0}]}
    write_results(
        meeting,
        summary={"summary": HOSTILE, "key_points": [claim], "main_topics": [HOSTILE]},
        keywords={"keywords": [], "main_theme": HOSTILE, "domain": "general"},
        actions={"action_items": [], "decisions": [claim], "questions": []},
    )
    return str(meeting.pk)


def write_long() -> str:
    """27 000 words in three hours, with a recording that can be played."""
    count = LONG_WORDS // WORDS_A_SEGMENT
    length = SECONDS * 1000 // count
    rows = [
        (
            at * length,
            (at + 1) * length - 200,
            " ".join(f"word{(at * 7 + place) % 900}" for place in range(WORDS_A_SEGMENT)),
            VOICES[at // 3 % len(VOICES)],
        )
        for at in range(count)
    ]
    meeting = write_meeting("Three hours", rows)
    write_recording(meeting)
    write_results(meeting, summary={"summary": "Much was said.", "key_points": []})
    return str(meeting.pk)


def write_meeting(title: str, rows: list[tuple[int, int, str, str]]) -> Any:
    room = Conversation.objects.create(pk=f"staged-{Conversation.objects.count()}", title=title)
    meeting = Meeting.objects.create(
        conversation=room,
        status=Meeting.Status.COMPLETED,
        duration_ms=rows[-1][1],
        stopped_at=Now(),
        ended_at=Now(),
        completed_at=Now(),
        generation=1,
        transcript=" ".join(text for _, _, text, _ in rows),
    )
    Segment.objects.bulk_create(
        Segment(
            meeting=meeting,
            key=f"t{start:09d}",
            position=position,
            start_ms=start,
            end_ms=end,
            text=text,
            speaker=voice,
            speaker_label=voice,
            words=spread_words(text, start, end),
        )
        for position, (start, end, text, voice) in enumerate(rows)
    )
    return meeting


def spread_words(text: str, start: int, end: int) -> list[dict[str, Any]]:
    words = text.split()
    step = (end - start) / 1000 / max(len(words), 1)
    return [
        {
            "text": word,
            "start": round(start / 1000 + at * step, 3),
            "end": round(start / 1000 + (at + 1) * step, 3),
            "probability": 1.0,
        }
        for at, word in enumerate(words)
    ]


def write_results(meeting: Any, **results: dict[str, Any]) -> None:
    for name, result in results.items():
        meeting.stages.create(
            name=name, generation=1, status=StageResult.Status.COMPLETED, result=result
        )


def write_recording(meeting: Any) -> None:
    """Three hours of silence, as small as FLAC makes it."""
    data = encode_silence(SECONDS)
    name = media.get_storage().save(f"staged/{meeting.pk}.flac", ContentFile(data))
    Meeting.objects.filter(pk=meeting.pk).update(recording_name=name, recording_sha256="0" * 64)
    peaks = [[-((at * 37) % 9000), (at * 53) % 9000] for at in range(2000)]
    write_results(meeting, recording={"peaks": peaks})


def encode_silence(seconds: int) -> bytes:
    rate, block = 8000, 8000 * 60
    output = io.BytesIO()
    with av.open(output, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout="mono")
        for minute in range(seconds // 60):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, block), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = rate, minute * block
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return output.getvalue()


WRITERS = {"hostile": write_hostile, "long": write_long}


def write(name: str) -> str:
    return WRITERS[name]()
