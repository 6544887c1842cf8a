"""What people changed in a transcript, as it was and as it became."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from meetings.models.meeting import Meeting


class SegmentEditQuerySet(models.QuerySet["SegmentEdit"]):
    def standing(self) -> Self:
        """Those that nobody has undone."""
        return self.filter(undone_at=None)

    def undo(self, author: str) -> int:
        """From now on these do not stand any more; how many did."""
        return self.standing().update(undone_at=Now(), undone_by=author)

    def redo(self) -> int:
        """From now on these stand again; how many."""
        return self.exclude(undone_at=None).update(undone_at=None, undone_by="")


class SegmentEdit(models.Model):
    """A text that a person wrote over a stretch of the transcript; it survives reprocessing.

    The stretch is kept as times, because other engines cut the same speech into other segments.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="edits")
    batch = models.CharField(max_length=32, help_text="edits made at once are undone at once")
    segment_key = models.CharField(max_length=32, help_text="of the segment that shows the edit")
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    old_text = models.TextField(blank=True)
    new_text = models.TextField(blank=True)
    old_words = models.JSONField(default=list, blank=True, help_text="with times, for an undo")
    author = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)

    objects = SegmentEditQuerySet.as_manager()

    class Meta:
        ordering = ("meeting", "id")
        indexes = (models.Index(fields=("meeting", "segment_key"), name="edit_of_segment"),)

    def __str__(self) -> str:
        return f"{self.start_ms / 1000:.1f} s: {self.new_text[:60]}"
