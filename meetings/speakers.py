"""Who speaks in a meeting, as people know better than any machine.

What people say is kept apart from what the diarizer heard (names and merges by the voice's
label, reassigned segments as stretches of time) and applied to it again after every processing.
Each change is one transaction, with a revised ``segment`` frame for every segment it shows in.
"""

from collections.abc import Sequence
from itertools import groupby

from chat import events
from intellibooks.errors import DomainError, InvalidRequest, NotFound
from meetings.models import Meeting, Segment, Speaker, SpeakerRange
from meetings.segment_frames import append_segment
from meetings.speaker_rules import BadName, Range, SpeakerRules, clean_name, covers, next_label


class SpeakerNotFound(NotFound):
    detail = "Speaker not found"


class SegmentNotFound(NotFound):
    detail = "Segment not found"


class SpeakerConflict(DomainError):
    status = 409
    code = "conflict"
    detail = "Speaker conflict"


def read_rules(meeting: Meeting) -> SpeakerRules:
    """What people said about the speakers of a meeting."""
    rows = list(meeting.speakers.all())
    ranges = meeting.speaker_ranges.order_by("id").values_list("start_ms", "end_ms", "label")
    return SpeakerRules(
        names={row.label: row.name for row in rows if row.name},
        merges={row.label: row.merged_into for row in rows if row.merged_into},
        ranges=[Range(*values) for values in ranges],
    )


def list_spoken(meeting: Meeting) -> list[Segment]:
    return list(meeting.segments.filter(kind=Segment.Kind.SPEECH).defer("words"))


def list_labels(meeting: Meeting, rules: SpeakerRules) -> set[str]:
    """Every label that stands for a voice of the meeting, merged ones too."""
    rows = meeting.segments.exclude(speaker_label="").order_by()
    heard = rows.values_list("speaker_label", flat=True).distinct()
    known = meeting.speakers.values_list("label", flat=True)
    return {*heard, *known, *(given.label for given in rules.ranges)}


def rename_speaker(meeting: Meeting, label: str, name: str) -> None:
    """Gives a voice a name; an empty one takes it away.

    Raises SpeakerNotFound, SpeakerConflict for another voice's name, InvalidRequest.
    """
    cleaned = require_name("name", name) if name.strip() else ""
    with events.record(meeting.pk) as log:
        rules = read_rules(meeting)
        labels = list_labels(meeting, rules)
        voice = require_voice(rules, labels, label)
        if cleaned and find_voice(rules, labels, cleaned) not in {None, voice}:
            raise SpeakerConflict(f"There is a speaker called {cleaned} already. Merge the two.")
        Speaker.objects.update_or_create(meeting=meeting, label=voice, defaults={"name": cleaned})
        show_speakers(log, meeting)


def merge_speakers(meeting: Meeting, label: str, into: str) -> None:
    """From now on ``label`` is the same person as ``into``.

    The name of ``into`` stays; where it has none it gets the other's. Raises SpeakerNotFound,
    SpeakerConflict if they are one already.
    """
    with events.record(meeting.pk) as log:
        rules = read_rules(meeting)
        labels = list_labels(meeting, rules)
        voice, target = (require_voice(rules, labels, wanted) for wanted in (label, into))
        if voice == target:
            raise SpeakerConflict("These two are the same speaker already.")
        name = rules.names.get(target) or rules.names.get(voice, "")
        for changed, facts in (
            (voice, {"merged_into": target, "name": ""}),
            (target, {"name": name}),
        ):
            Speaker.objects.update_or_create(meeting=meeting, label=changed, defaults=facts)
        show_speakers(log, meeting)


def assign_segments(meeting: Meeting, keys: Sequence[str], speaker: str) -> None:
    """Gives the segments of these keys to a speaker: a label, a name, or the name of a new one.

    Raises SegmentNotFound, InvalidRequest.
    """
    wanted = set(keys)
    with events.record(meeting.pk) as log:
        chosen = [item for item in enumerate(list_spoken(meeting)) if item[1].key in wanted]
        if unknown := wanted - {row.key for _, row in chosen}:
            raise SegmentNotFound(f"No segment {min(unknown)[:32]} of this meeting is speech.")
        label = find_or_add_voice(meeting, speaker)
        for stretch in group_neighbours(chosen):
            end_ms = max(row.end_ms for row in stretch)
            remember_range(meeting, Range(stretch[0].start_ms, end_ms, label))
        show_speakers(log, meeting)


def assign_range(meeting: Meeting, start_ms: int, end_ms: int, speaker: str) -> None:
    """The same for every segment of which at least half lies in the range.

    Raises SegmentNotFound if none does, InvalidRequest.
    """
    with events.record(meeting.pk) as log:
        probe = Range(start_ms, end_ms, "")
        if not any(covers(probe, row.start_ms, row.end_ms) for row in list_spoken(meeting)):
            raise SegmentNotFound("Nobody speaks in this range.")
        label = find_or_add_voice(meeting, speaker)
        remember_range(meeting, Range(start_ms, end_ms, label))
        show_speakers(log, meeting)


def anonymise_speakers(meeting: Meeting) -> None:
    """Takes every name away; who spoke when stays."""
    with events.record(meeting.pk) as log:
        meeting.speakers.update(name="")
        show_speakers(log, meeting)


def show_speakers(log: events.EventLog, meeting: Meeting) -> int:
    """Writes into the stored segments what the rules say now; how many changed."""
    rules = read_rules(meeting)
    changed = []
    for row in list_spoken(meeting):
        shown = name_row(rules, row)
        if shown != row.speaker:
            row.speaker = shown
            row.rev += 1
            append_segment(log, row, "revised")
            changed.append(row)
    Segment.objects.bulk_update(changed, ["speaker", "rev"], batch_size=200)
    return len(changed)


def name_row(rules: SpeakerRules, row: Segment) -> str:
    """Who speaks in a segment, as people read it; empty where nobody knows."""
    return rules.show(rules.find_voice(row.speaker_label, row.start_ms, row.end_ms))


def find_voice(rules: SpeakerRules, labels: set[str], wanted: str) -> str | None:
    """The voice with that label or that name, however it is capitalised."""
    if wanted in labels:
        return rules.follow(wanted)
    voices = sorted({rules.follow(label) for label in labels})
    name = wanted.strip().casefold()
    return next((voice for voice in voices if rules.show(voice).casefold() == name), None)


def require_voice(rules: SpeakerRules, labels: set[str], label: str) -> str:
    if label not in labels:
        raise SpeakerNotFound(f"Nobody in this meeting has the label {label[:100]}.")
    return rules.follow(label)


def find_or_add_voice(meeting: Meeting, speaker: str) -> str:
    rules = read_rules(meeting)
    labels = list_labels(meeting, rules)
    if voice := find_voice(rules, labels, speaker):
        return voice
    name = require_name("speaker", speaker)
    if voice := find_voice(rules, labels, name):  # it was only spelled with other spaces
        return voice
    label = next_label(labels)
    Speaker.objects.create(meeting=meeting, label=label, name=name)
    return label


def require_name(name_of_field: str, text: str) -> str:
    try:
        return clean_name(text)
    except BadName as error:
        problem = str(error)
        raise InvalidRequest(
            f"{name_of_field}: {problem}",
            [{"field": name_of_field, "detail": problem, "code": "invalid"}],
        ) from error


def group_neighbours(chosen: Sequence[tuple[int, Segment]]) -> list[list[Segment]]:
    """Rows that follow each other, by their places, as one group each."""
    numbered = enumerate(chosen)
    groups = groupby(numbered, key=lambda item: item[1][0] - item[0])
    return [[row for _, (_, row) in group] for _, group in groups]


def remember_range(meeting: Meeting, given: Range) -> None:
    """Keeps the range; earlier ones that lie in it count no more."""
    inside = meeting.speaker_ranges.filter(start_ms__gte=given.start_ms, end_ms__lte=given.end_ms)
    inside.delete()
    SpeakerRange.objects.create(
        meeting=meeting, start_ms=given.start_ms, end_ms=given.end_ms, label=given.label
    )
