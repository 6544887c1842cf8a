"""The ledger: every piece of audio that was accepted, and what was kept aside."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from meetings.leases import Leased, LeasedQuerySet
from meetings.models.meeting import Meeting


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
