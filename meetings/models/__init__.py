"""What a meeting leaves behind: its state, the ledger of its chunks, its segments and results."""

from meetings.models.edits import SegmentEdit
from meetings.models.highlights import LONGEST_NOTE, Highlight
from meetings.models.ledger import AudioChunk, AudioChunkQuerySet, ConflictingChunk
from meetings.models.meeting import TRANSITIONS, Meeting, MeetingQuerySet, Transition
from meetings.models.processing import StageResult, StageRevision
from meetings.models.search import SearchEntry
from meetings.models.transcript import FINAL_REV, Segment, Speaker, SpeakerRange
from meetings.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "FINAL_REV",
    "LONGEST_NOTE",
    "TRANSITIONS",
    "AudioChunk",
    "AudioChunkQuerySet",
    "ConflictingChunk",
    "Highlight",
    "Meeting",
    "MeetingQuerySet",
    "SearchEntry",
    "Segment",
    "SegmentEdit",
    "Speaker",
    "SpeakerRange",
    "StageResult",
    "StageRevision",
    "Transition",
    "WebhookDelivery",
    "WebhookEndpoint",
]
