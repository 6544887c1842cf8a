"""The meeting itself: its status, its counters, and who moved it."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

from chat.models import Conversation
from meetings.leases import Leased, LeasedQuerySet, new_key, seconds_from_now


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
    vocabulary = models.JSONField(default=list, blank=True, help_text="names and jargon to expect")
    speakers_expected = models.PositiveSmallIntegerField(null=True, blank=True)
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
    source_sha256 = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="of the file it was imported from"
    )
    audio_purged_at = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        permissions = (
            ("reprocess_meeting", "Can process meetings again"),
            ("export_meeting", "Can export meetings"),
        )
        indexes = (
            models.Index(fields=("status", "last_activity_at"), name="meeting_idle"),
            models.Index(fields=("-created_at", "-conversation"), name="meeting_newest"),
        )

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
        """Whether a chunk may still come: nobody stopped it, it only fell silent.

        Not after its audio was deleted: the text would be made anew, and its sound is gone.
        """
        is_over = self.status == self.Status.CANCELLED or self.audio_purged_at is not None
        return self.ended_abruptly and not is_over


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
