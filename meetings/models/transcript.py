"""The finished transcript, and what people said about its voices."""

from django.db import models

from meetings.models.meeting import Meeting

FINAL_REV = 1_000  # of a finished segment: above any that a draft of the same one had


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
    is_edited = models.BooleanField(default=False, help_text="a person wrote this text")

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
