"""What a meeting leaves behind: its state, the ledger of its chunks, its segments and results."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models import Conversation
from meetings.leases import Leased, LeasedQuerySet, new_key, seconds_from_now

FINAL_REV = 1_000  # of a finished segment: above any that a draft of the same one had


class MeetingQuerySet(LeasedQuerySet):
    def move(self, old: str, new: str, **changes: Any) -> bool:
        """Compare-and-set of the status of the one row filtered; only the winner gets True."""
        if new not in TRANSITIONS[old]:
            raise ValueError(f"a meeting does not go from {old} to {new}")
        return bool(self.filter(status=old).update(status=new, **changes))

    def idle(self, seconds: float) -> Self:
        """Recordings from which nothing came for so long, by the database's clock."""
        limit = seconds_from_now(-seconds)
        return self.filter(status=Meeting.Status.RECORDING, last_activity_at__lt=limit)


class Meeting(Leased):
    """A conversation that is being, or was, recorded.

    recording -> processing -> completed or failed; a late chunk after an abrupt end leads back
    to recording, a retry from failed to processing, an explicit cancel ends the recording.
    """

    class Status(models.TextChoices):
        RECORDING = "recording"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    conversation = models.OneToOneField(
        Conversation, models.CASCADE, primary_key=True, related_name="meeting"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.RECORDING)
    language = models.CharField(max_length=16, default="en")
    engine = models.CharField(max_length=32, blank=True, help_text="asked for at the start")
    tags = models.JSONField(default=list, blank=True)
    # Names of files come from this key, never from the id that a client chose.
    media_key = models.CharField(max_length=32, default=new_key, editable=False, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    last_activity_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_abruptly = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    total_chunks = models.PositiveIntegerField(default=0)
    chunks_processed = models.PositiveIntegerField(default=0)
    highest_index = models.IntegerField(default=-1)
    expected_chunks = models.PositiveIntegerField(default=0, help_text="as the stop announced")
    generation = models.PositiveIntegerField(default=0, help_text="how often it was processed")
    failure_code = models.CharField(max_length=32, blank=True)
    failure_reason = models.TextField(blank=True)
    transcript = models.TextField(blank=True)
    duration_ms = models.PositiveBigIntegerField(default=0)
    recording_name = models.CharField(max_length=200, blank=True)
    recording_sha256 = models.CharField(max_length=64, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("status", "last_activity_at"), name="meeting_idle"),)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_recording(self) -> bool:
        return self.status == self.Status.RECORDING

    @property
    def chunk_count(self) -> int:
        """How many chunks there should be, as far as anybody said."""
        return max(self.highest_index + 1, self.expected_chunks)

    @property
    def can_resume(self) -> bool:
        """Whether a chunk may still come: nobody stopped it, it only fell silent."""
        return self.ended_abruptly and self.status != self.Status.CANCELLED


TRANSITIONS: dict[str, tuple[str, ...]] = {
    Meeting.Status.RECORDING: (Meeting.Status.PROCESSING, Meeting.Status.CANCELLED),
    Meeting.Status.PROCESSING: (
        Meeting.Status.COMPLETED,
        Meeting.Status.FAILED,
        Meeting.Status.RECORDING,
    ),
    Meeting.Status.COMPLETED: (Meeting.Status.PROCESSING, Meeting.Status.RECORDING),
    Meeting.Status.FAILED: (Meeting.Status.PROCESSING, Meeting.Status.RECORDING),
    Meeting.Status.CANCELLED: (),
}


class Transition(models.Model):
    """Who or what moved a meeting from one status to another, when and why."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="transitions")
    old = models.CharField(max_length=16)
    new = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("meeting", "id")

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.old or 'new'} -> {self.new}"


class AudioChunkQuerySet(LeasedQuerySet):
    pass


class AudioChunk(Leased):
    """One accepted piece of audio in the ledger: its file, and what was heard in it."""

    class State(models.TextChoices):
        STORED = "stored"
        TRANSCRIBED = "transcribed"
        SILENT = "silent"
        FAILED = "failed"

    class StreamRole(models.TextChoices):
        FILE = "file"
        START = "start"
        CONTINUATION = "continuation"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    name = models.CharField(max_length=200, help_text="of the file in the media storage")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    content_type = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    started_at_ms = models.PositiveBigIntegerField(null=True, blank=True)
    is_late = models.BooleanField(default=False, help_text="came after the recording had ended")
    state = models.CharField(max_length=16, choices=State, default=State.STORED)
    stream_role = models.CharField(max_length=16, choices=StreamRole, blank=True)
    samples = models.PositiveIntegerField(null=True, blank=True, help_text="at 16 kHz, decoded")
    is_settled = models.BooleanField(default=True, help_text="no neighbour can change the length")
    text = models.TextField(blank=True)
    rev = models.PositiveIntegerField(default=0, help_text="how often the text changed")
    # Segments as the engine gave them, in seconds from the start of this chunk.
    heard = models.JSONField(default=list, blank=True)
    engine = models.CharField(max_length=32, blank=True)
    model = models.CharField(max_length=100, blank=True)
    work_seconds = models.FloatField(null=True, blank=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=32, blank=True)
    transcribed_at = models.DateTimeField(null=True, blank=True)

    objects = AudioChunkQuerySet.as_manager()

    class Meta:
        ordering = ("meeting", "index")
        constraints = (models.UniqueConstraint(fields=("meeting", "index"), name="chunk_once"),)
        indexes = (
            models.Index(
                fields=("received_at",), name="chunk_waiting", condition=Q(state="stored")
            ),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} chunk {self.index}"


class ConflictingChunk(models.Model):
    """Other bytes that came under an index already taken: kept aside for a reviewer."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="conflicts")
    index = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("meeting", "index", "id")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "index", "sha256"), name="conflict_once"),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} chunk {self.index}, other bytes"


class Segment(models.Model):
    """A stretch of speech in the finished transcript; times are from the meeting's start."""

    class Kind(models.TextChoices):
        SPEECH = "speech"
        MISSING = "missing"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="segments")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.SPEECH)
    key = models.CharField(max_length=32, help_text="stable within the meeting")
    position = models.PositiveIntegerField()
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    text = models.TextField()
    speaker = models.CharField(max_length=100, blank=True, help_text="as people see it")
    speaker_label = models.CharField(max_length=100, blank=True, help_text="as the diarizer said")
    rev = models.PositiveIntegerField(default=FINAL_REV, help_text="grows with each change")
    words = models.JSONField(default=list, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    engine = models.CharField(max_length=32, blank=True)
    model = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("meeting", "position")
        constraints = (models.UniqueConstraint(fields=("meeting", "key"), name="segment_key_once"),)

    def __str__(self) -> str:
        return f"{self.start_ms / 1000:.1f} s: {self.text[:60]}"


class Speaker(models.Model):
    """What people said about one voice of a meeting: its name, or whose voice it really is.

    Rows exist for voices that somebody named, merged or added; the label stays with the voice
    when the meeting is processed again.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="speakers")
    label = models.CharField(max_length=100)
    name = models.CharField(max_length=100, blank=True)
    merged_into = models.CharField(max_length=100, blank=True, help_text="the label of another")

    class Meta:
        ordering = ("meeting", "id")
        constraints = (models.UniqueConstraint(fields=("meeting", "label"), name="speaker_once"),)

    def __str__(self) -> str:
        return self.name or self.label


class SpeakerRange(models.Model):
    """A stretch of a meeting that a person gave to a speaker; later rows win over earlier ones.

    Times and not segment keys, because other engines cut the same speech into other segments.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="speaker_ranges")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    label = models.CharField(max_length=100)

    class Meta:
        ordering = ("meeting", "id")

    def __str__(self) -> str:
        return f"{self.start_ms / 1000:.1f}-{self.end_ms / 1000:.1f} s: {self.label}"


class StageResult(models.Model):
    """What one stage of the pipeline produced for a meeting, or why it could not."""

    class Status(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=32)
    generation = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status)
    engine = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("meeting", "id")
        constraints = (models.UniqueConstraint(fields=("meeting", "name"), name="stage_once"),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.name}: {self.status}"
