"""What the stages of the pipeline produced."""

from django.db import models
from django.db.models.functions import Now

from meetings.models.meeting import Meeting


class StageResult(models.Model):
    """What one stage of the pipeline produced for a meeting, or why it could not.

    ``result``, ``engine`` and the times stay those of the last success until the next one, so a
    stage that waits, runs or failed again still has something to show.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
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
    is_asked = models.BooleanField(
        default=False, help_text="a person asked for it: it runs although nothing changed"
    )
    input_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of what the result was made from"
    )

    class Meta:
        ordering = ("meeting", "id")
        constraints = (models.UniqueConstraint(fields=("meeting", "name"), name="stage_once"),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.name}: {self.status}"


class StageRevision(models.Model):
    """An earlier result of a stage, kept when the stage was run again."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="stage_revisions")
    name = models.CharField(max_length=32)
    generation = models.PositiveIntegerField(default=0)
    engine = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict, blank=True)
    input_digest = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("meeting", "-id")
        indexes = (models.Index(fields=("meeting", "name"), name="revision_of_stage"),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.name}, processing {self.generation}"
