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
    created_by = models.CharField(max_length=150, blank=True)
    document_ids = models.JSONField(default=list, blank=True)
    # None and not empty: it is unique where there is one.
    share_token = models.CharField(max_length=64, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at",)
        indexes = (models.Index(fields=("-updated_at",), name="conversation_active"),)

    def __str__(self) -> str:
        return self.title or self.id

    @property
    def is_recorded(self) -> bool:
        """Whether another app keeps something of its own under this id, such as a meeting."""
        owners = (it for it in Conversation._meta.related_objects if it.one_to_one)
        return any(hasattr(self, it.get_accessor_name() or "") for it in owners)


class Membership(models.Model):
    """What a person may do in a room. A room without members belongs to nobody in particular."""

    class Role(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        VIEWER = "viewer"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="memberships")
    user_id = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("conversation", "id")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "user_id"), name="member_once"),
        )
        indexes = (models.Index(fields=("user_id",), name="rooms_of_member"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


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
    user_id = models.CharField(max_length=150, blank=True)
    content = models.TextField()
    metadata = models.JSONField(default=dict, blank=True)
    # Chosen by the client, so that a message sent twice is stored once.
    client_id = models.CharField(max_length=64, blank=True)
    at_ms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="the moment of the meeting that it speaks of"
    )
    seq = models.PositiveBigIntegerField(default=0, help_text="of the event that showed it")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("seq", "created_at", "id")
        indexes = (
            models.Index(fields=("conversation", "created_at"), name="message_in_room"),
            models.Index(fields=("conversation", "seq"), name="message_in_order"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "user_id", "client_id"),
                condition=~models.Q(client_id=""),
                name="message_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"

    @property
    def is_deleted(self) -> bool:
        """Its row stays as a tombstone, so that replies and cursors keep their place."""
        return self.deleted_at is not None


class ReadMark(models.Model):
    """How far a person has read a room."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="read_marks")
    user_id = models.CharField(max_length=150)
    seq = models.PositiveBigIntegerField(default=0, help_text="of the last event that was read")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("conversation", "user_id")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "user_id"), name="read_mark_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} has read up to {self.seq}"


class Notification(models.Model):
    """Something that a person should learn of outside the room."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.CharField(max_length=150)
    type = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    content = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("user_id", "-created_at"), name="notification_inbox"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.title}"
