"""What people marked for themselves in a meeting."""

from django.db import models
from django.db.models.functions import Now

from meetings.models.meeting import Meeting

LONGEST_NOTE = 500


class Highlight(models.Model):
    """A stretch of a meeting that one person marked for themselves; a marker has no length.

    It is kept as times, so that it holds when the speech is cut into other segments.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="highlights")
    user_id = models.CharField(
        max_length=150, blank=True, help_text="empty: of those who claim no name in open mode"
    )
    start_ms = models.PositiveBigIntegerField()
    end_ms = models.PositiveBigIntegerField()
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("meeting", "start_ms", "end_ms")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "user_id", "start_ms", "end_ms"), name="highlight_once"
            ),
            models.CheckConstraint(
                condition=models.Q(end_ms__gte=models.F("start_ms")), name="highlight_forwards"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.start_ms / 1000:.1f} s"
