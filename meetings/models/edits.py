"""What people changed in a transcript, as it was and as it became."""

from django.db import models
from django.db.models.functions import Now

from meetings.models.meeting import Meeting


class SegmentEdit(models.Model):
    """A text that a person wrote over a stretch of the transcript; it survives reprocessing.

    The stretch is kept as times, because other engines cut the same speech into other segments.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="edits")
    batch = models.CharField(max_length=32, help_text="edits made at once are undone at once")
    segment_key = models.CharField(max_length=32, help_text="of the segment when it was edited")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    old_text = models.TextField(blank=True)
    new_text = models.TextField(blank=True)
    author = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("meeting", "id")
        indexes = (models.Index(fields=("meeting", "segment_key"), name="edit_of_segment"),)

    def __str__(self) -> str:
        return f"{self.start_ms / 1000:.1f} s: {self.new_text[:60]}"
