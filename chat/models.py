"""What the rooms keep: conversations, their messages and the log of what viewers saw."""

import re
import uuid

from django.db import models

# The forms the frontend makes: session-<ms>-<9 base36>, session-<ms>, UUIDs, free names.
SESSION_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def is_session_id(text: str) -> bool:
    return SESSION_ID.fullmatch(text) is not None


class Conversation(models.Model):
    """A room. A meeting is a conversation that is being recorded, under the same id.

    Its row is what every transaction that changes the room locks, so ``last_seq`` counts
    the room's events without a gap.
    """

    id = models.CharField(primary_key=True, max_length=64)
    title = models.CharField(max_length=200, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.title or self.id


class Event(models.Model):
    """One frame that viewers saw, as the text they got: outbox and replay log in one row."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=32)
    frame = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("conversation", "seq")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "seq"), name="event_seq_once"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq} {self.type}"


class Message(models.Model):
    """What a person, the assistant or the system said in a room."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    role = models.CharField(max_length=16, choices=Role)
    user_id = models.CharField(max_length=128, blank=True)
    content = models.TextField()
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "id")
        indexes = (models.Index(fields=("conversation", "created_at"), name="message_in_room"),)

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"
