"""Exports of stored meetings: rows become the pure ``Document``, and files leave in pieces."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from chat.frames import format_utc
from intellibooks.errors import DomainError, InvalidRequest
from meetings import playback, services
from meetings.drafts import believe_chunks
from meetings.editing.renaming import read_history, rename_speakers
from meetings.exports.document import Action, Claim, Document, Line, Question, Topic
from meetings.exports.registry import FORMATS
from meetings.metadata import find_begin
from meetings.models import Meeting, Segment
from meetings.recording import place_meeting
from meetings.zip_stream import Member, stream_zip
from transcription.types import Word

AUDIO = "audio"
NAMES = (*FORMATS, AUDIO)
MOST_MEETINGS = 500  # of one archive; more are asked for in several
PIECE_BYTES = 64 * 1024
MANIFEST = "manifest.json"

Found = Mapping[str, Any]
Entry = dict[str, str]
Report = Callable[[Meeting, list[Entry]], None]


class UnknownFormat(InvalidRequest):
    detail = "Unknown export format"


@dataclass(frozen=True, slots=True)
class Export:
    """One file, whole in memory: an hour of talk takes some 200 KB."""

    name: str
    content_type: str
    content: bytes


def check_formats(names: Sequence[str]) -> None:
    """Raises UnknownFormat."""
    if not names:
        raise UnknownFormat(f"Name one of {', '.join(NAMES)}.")
    for name in names:
        if name not in NAMES:
            raise UnknownFormat(f"{name[:32]!r} is not one of {', '.join(NAMES)}.")


def export_text(meeting: Meeting, name: str) -> Export:
    """The meeting as it is now in one of FORMATS."""
    chosen = FORMATS[name]
    content = chosen.write(gather_document(meeting))
    return Export(name_export(meeting, f".{name}"), chosen.content_type, content)


def name_export(meeting: Meeting, suffix: str, *, with_id: bool = False) -> str:
    """A file name for every system; an unfinished meeting says so in it."""
    title = playback.clean_title(meeting.conversation.title) or "meeting"
    is_finished = meeting.status == Meeting.Status.COMPLETED
    parts = [title, f"{meeting.created_at:%Y-%m-%d}", *([meeting.pk] if with_id else [])]
    return " ".join([*parts, *([] if is_finished else ["unfinished"])]) + suffix


def gather_document(meeting: Meeting) -> Document:
    """Everything that is known of the meeting, however far its processing is."""
    stages = read_results(meeting)
    summary, actions = stages.get("summary", {}), stages.get("actions", {})
    agenda, keywords = stages.get("agenda", {}), stages.get("keywords", {})
    return Document(
        session_id=meeting.pk,
        title=meeting.conversation.title,
        started_at=format_utc(meeting.created_at),
        status=meeting.status,
        language=meeting.language,
        duration=meeting.duration_ms / 1000,
        lines=tuple(list_lines(meeting)),
        summary=summary.get("summary", ""),
        purpose=agenda.get("meeting_purpose", ""),
        key_points=tuple(map(build_claim, summary.get("key_points", ()))),
        actions=tuple(map(build_action, actions.get("action_items", ()))),
        decisions=tuple(map(build_claim, actions.get("decisions", ()))),
        questions=tuple(map(build_question, actions.get("questions", ()))),
        agenda=tuple(map(build_topic, agenda.get("agenda_items", ()))),
        keywords=tuple(keyword["text"] for keyword in keywords.get("keywords", ())),
        mood=stages.get("mood", {}),
        metrics=stages.get("metrics", {}),
    )


def read_results(meeting: Meeting) -> dict[str, Found]:
    """Stage -> its last result, with speakers called as they are now."""
    history = read_history(meeting)
    return {
        row.name: rename_speakers(row.result, history.find_renamed(find_begin(row)))
        for row in meeting.stages.exclude(result={})
    }


def list_lines(meeting: Meeting) -> list[Line]:
    """The finished segments; before there are any, or while it records, what chunks say so far."""
    rows = meeting.segments.none() if meeting.is_recording else meeting.segments.exclude(text="")
    stored = [build_line(row) for row in rows]
    if stored or meeting.status == Meeting.Status.COMPLETED:
        return stored
    return sorted(list_drafted(meeting), key=lambda line: line.start)


def build_line(row: Segment) -> Line:
    return Line(
        start=row.start_ms / 1000,
        end=row.end_ms / 1000,
        text=row.text,
        speaker=row.speaker,
        is_missing=row.kind == Segment.Kind.MISSING,
        confidence=row.confidence,
        words=tuple(Word(**word) for word in row.words),
    )


def list_drafted(meeting: Meeting) -> Iterator[Line]:
    """What was heard so far; a hole may be a chunk not transcribed yet, so none is named."""
    chunks = meeting.chunks.exclude(samples=None)
    believed = believe_chunks(chunks)
    for place in place_meeting(meeting):
        offset = place.start_seconds
        for _, heard in believed.get(place.index, ()):
            yield Line(
                start=max(0.0, offset + heard.start),
                end=offset + heard.end,
                text=heard.text,
                speaker=heard.speaker or "",
                confidence=heard.confidence,
                words=tuple(
                    replace(word, start=word.start + offset, end=word.end + offset)
                    for word in heard.words
                ),
            )


def build_claim(found: Found) -> Claim:
    return Claim(found["text"], find_second(found))


def build_action(found: Found) -> Action:
    return Action(
        task=found["task"],
        owner=found.get("owner") or "",
        due=found.get("due") or "",
        at=find_second(found),
    )


def build_question(found: Found) -> Question:
    return Question(
        text=found["text"],
        speaker=found.get("speaker") or "",
        answer=found.get("answer") or "",
        answered_by=found.get("answered_by") or "",
        at=find_second(found),
    )


def build_topic(found: Found) -> Topic:
    return Topic(found["topic"], found.get("start"), tuple(found.get("key_points", ())))


def find_second(found: Found) -> float | None:
    """When the claim was first said."""
    evidence = found.get("evidence") or ()
    return min((float(place["start"]) for place in evidence), default=None)


def find_meetings(ids: Sequence[str]) -> list[Meeting]:
    """The meetings in the order asked for, each once. Raises SessionNotFound, InvalidRequest."""
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST_MEETINGS:
        raise InvalidRequest(f"Name 1 to {MOST_MEETINGS} meetings as ids=a,b.")
    rows = Meeting.objects.select_related("conversation").in_bulk(wanted)
    return [rows.get(meeting_id) or services.get_meeting(meeting_id) for meeting_id in wanted]


def export_archive(meetings: Iterable[Meeting], names: Sequence[str]) -> Iterator[bytes]:
    """A ZIP of every meeting in every format, with a manifest; one file in memory at a time."""
    return stream_zip(list_members(meetings, names))


def list_members(
    meetings: Iterable[Meeting], names: Sequence[str], report: Report = lambda *_: None
) -> Iterator[Member]:
    """The files of an archive, a manifest at its end; ``report`` hears of each meeting once.

    A file that cannot be made is named in the manifest with its reason; the others are there.
    """
    manifest: list[Entry] = []
    for meeting in meetings:
        entries = [
            {"session_id": meeting.pk, "status": meeting.status, "format": name} for name in names
        ]
        for entry in entries:
            try:
                member = build_member(meeting, entry["format"])
            except (DomainError, OSError) as error:
                entry["error"] = str(error)
                continue
            entry["file"] = member.name
            yield member
        manifest += entries
        report(meeting, entries)
    text = json.dumps({"files": manifest}, ensure_ascii=False, indent=2)
    yield Member(MANIFEST, iter([text.encode()]))


def build_member(meeting: Meeting, name: str) -> Member:
    """Raises AudioNotReady, AudioNotAvailable, OSError."""
    if name == AUDIO:
        file_name, pieces = open_audio(meeting, with_id=True)
        return Member(file_name, pieces, is_compressed=True)
    file_name = name_export(meeting, f".{name}", with_id=True)
    return Member(file_name, iter([export_text(meeting, name).content]))


def open_audio(meeting: Meeting, *, with_id: bool = False) -> tuple[str, Iterator[bytes]]:
    """The name of the recording's file and its bytes. Raises as ``playback`` does."""
    playback.require_recording(meeting)
    file = playback.open_recording(meeting)
    suffix = PurePosixPath(meeting.recording_name).suffix
    return name_export(meeting, suffix, with_id=with_id), read_whole(file)


def read_whole(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece
