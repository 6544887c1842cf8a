"""The speakers of a meeting to read: who they are, how long they talk, who told them apart."""

from dataclasses import dataclass, field

from meetings.models import Meeting, Segment, StageResult
from meetings.speaker_rules import SpeakerRules
from meetings.speakers import list_spoken, read_rules

STAGE = "diarize"
NOT_YET = {
    Meeting.Status.RECORDING: "speakers are told apart after the recording",
    Meeting.Status.PROCESSING: "the meeting is being processed",
}
NEVER = "the meeting was processed without telling speakers apart"


@dataclass(slots=True)
class Voice:
    """One speaker; ``label`` stays, ``name`` is what people read, ``share`` is of all talk, 0..1.

    ``merged`` are the labels of other voices that turned out to be this one.
    """

    label: str
    name: str
    is_named: bool = False
    merged: list[str] = field(default_factory=list)
    talk_ms: int = 0
    share: float = 0.0
    segments: int = 0
    words: int = 0
    first_ms: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The speakers, the most talkative first; ``unassigned_ms`` of talk belong to nobody.

    ``engine`` told them apart; it is "none" where none did, and ``reason`` says why.
    """

    engine: str
    reason: str
    unassigned_ms: int
    speakers: list[Voice]


def read_roster(meeting: Meeting) -> Roster:
    rules = read_rules(meeting)
    voices: dict[str, Voice] = {}
    unassigned_ms = 0
    for row in list_spoken(meeting):
        label = rules.find_voice(row.speaker_label, row.start_ms, row.end_ms)
        if label:
            count_segment(voices, row, rules, label)
        else:
            unassigned_ms += row.end_ms - row.start_ms
    total = sum(voice.talk_ms for voice in voices.values())
    for voice in voices.values():
        voice.share = round(voice.talk_ms / total, 4) if total else 0.0
    ordered = sorted(voices.values(), key=lambda voice: (-voice.talk_ms, voice.label))
    engine, reason = describe_origin(meeting)
    return Roster(engine, reason, unassigned_ms, ordered)


def count_segment(voices: dict[str, Voice], row: Segment, rules: SpeakerRules, label: str) -> None:
    if label not in voices:
        merged = sorted(old for old in rules.merges if rules.follow(old) == label)
        is_named = label in rules.names
        voices[label] = Voice(label, rules.show(label), is_named, merged, first_ms=row.start_ms)
    voice = voices[label]
    voice.talk_ms += row.end_ms - row.start_ms
    voice.segments += 1
    voice.words += len(row.text.split())


def describe_origin(meeting: Meeting) -> tuple[str, str]:
    """The engine that told the speakers apart; "none" and the reason where there is none."""
    row = meeting.stages.filter(name=STAGE).first()
    if row is None or row.status == StageResult.Status.RUNNING:
        return "none", NOT_YET.get(Meeting.Status(meeting.status), NEVER)
    if row.status == StageResult.Status.FAILED:
        return "none", row.error
    return row.result.get("engine", "none"), row.result.get("reason", "")
