"""Results that name speakers as they are called now, not as they were when it was analysed."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.models import Event
from meetings.models import Meeting, Segment

NAMING = frozenset({"speaker", "owner", "answered_by"})
SUMMED = ("seconds", "share", "turns", "words")  # of the talk of two voices that are one now


@dataclass(frozen=True, slots=True)
class Shown:
    """From ``at`` on viewers saw ``speaker`` at the segment ``key``."""

    at: datetime
    key: str
    speaker: str


@dataclass(frozen=True, slots=True)
class NameHistory:
    """``current`` is segment -> (speaker, milliseconds); ``shown`` is in the order it was seen."""

    shown: Sequence[Shown]
    current: dict[str, tuple[str, int]]

    def find_renamed(self, moment: datetime | None) -> dict[str, str]:
        """Name at that moment -> name now, where the two differ.

        A voice is followed by its segments, so two that swapped their names are not confused;
        one that lost single segments to another keeps its own name.
        """
        if moment is None:
            return {}
        then = {seen.key: seen.speaker for seen in self.shown if seen.at <= moment}
        votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for key, name in then.items():
            now, milliseconds = self.current.get(key, ("", 0))
            if name and now:
                votes[name][now] += 1 + milliseconds
        found = {name: counts.most_common(1)[0][0] for name, counts in votes.items()}
        return {name: now for name, now in found.items() if now != name}


def read_history(meeting: Meeting) -> NameHistory:
    """Who was shown when, from the event log; nothing where nobody ever named a speaker."""
    if not meeting.speakers.exists() and not meeting.speaker_ranges.exists():
        return NameHistory([], {})
    rows = meeting.segments.filter(kind=Segment.Kind.SPEECH)
    values = rows.values_list("key", "speaker", "start_ms", "end_ms")
    current = {key: (speaker, end - start) for key, speaker, start, end in values}
    events = Event.objects.filter(conversation_id=meeting.pk, type="segment").order_by("seq")
    frames = ((at, json.loads(text)) for at, text in events.values_list("created_at", "frame"))
    shown = [Shown(at, frame["id"], frame.get("speaker") or "") for at, frame in frames]
    return NameHistory(shown, current)


def rename_speakers(result: Any, names: dict[str, str]) -> Any:
    """The result of an analysis with every speaker's name replaced by the one of now."""
    if not names:
        return result
    if isinstance(result, list):
        return unite_talk([rename_speakers(item, names) for item in result])
    if isinstance(result, dict):
        return {
            key: names.get(value, value)
            if key in NAMING and isinstance(value, str)
            else rename_speakers(value, names)
            for key, value in result.items()
        }
    return result


def unite_talk(items: list[Any]) -> list[Any]:
    """Talk times with one entry for each speaker, where two turned out to be the same."""
    if not all(isinstance(item, dict) and {"speaker", *SUMMED} <= item.keys() for item in items):
        return items
    united: dict[str, dict[str, Any]] = {}
    for item in items:
        first = united.setdefault(item["speaker"], {**item, **dict.fromkeys(SUMMED, 0)})
        first.update({name: round(first[name] + item[name], 4) for name in SUMMED})
    return sorted(united.values(), key=lambda item: -item["seconds"])
