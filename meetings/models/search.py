"""What can be searched, each text once, whatever table it stands in."""

from django.db import models

from chat.models import Conversation


class SearchEntry(models.Model):
    """One text that a search can find, and where it leads.

    Rows are written by the database's triggers (``meetings.search.schema``), never by hand.
    ``ref`` names the source in its room: a segment's key, a message's id, a stage, a speaker's
    label, a chunk's index.
    """

    class Kind(models.TextChoices):
        SEGMENT = "segment"
        TITLE = "title"
        SUMMARY = "summary"
        MESSAGE = "message"
        SPEAKER = "speaker"
        DRAFT = "draft"  # what a chunk says until the meeting is completed

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="search_entries", db_index=False
    )
    kind = models.CharField(max_length=16, choices=Kind)
    ref = models.CharField(max_length=100, blank=True)
    part = models.CharField(max_length=16, blank=True, help_text="of the results of a stage")
    start_ms = models.BigIntegerField(null=True, blank=True)
    # Without a limit: a trigger that fails on a long name would fail whoever wrote the source.
    speaker = models.TextField(blank=True)
    text = models.TextField()

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "search entries"
        indexes = (
            models.Index(fields=("conversation", "kind", "ref"), name="search_entry_source"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"
