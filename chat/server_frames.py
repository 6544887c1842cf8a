"""What viewers are sent: the shape of every frame, in the one place that describes it.

``/asyncapi.yaml`` is made of it, and the tests hold every frame they see against it. A new frame
type is a class here with its line in ``SERVER_FRAMES``.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

Seq = Annotated[int, Field(ge=1, description="number of this event in its session, without a gap")]
Moment = Annotated[str, Field(pattern=r"Z$", description="RFC 3339 in UTC")]


class Frame(TypedDict):
    """What every frame carries; a client drops frames of another session."""

    session_id: str
    timestamp: Moment


class KeptFrame(Frame):
    """In the event log: it comes again to a socket that resumes."""

    seq: Seq


class SystemFrame(Frame):
    """Who came and went, to the others; ``connected`` to the one who comes."""

    type: Literal["system"]
    event: Literal["connected", "user_joined", "user_left", "meeting_stopped"]
    content: str
    metadata: NotRequired[dict[str, Any]]
    seq: NotRequired[Seq]


class MessageFrame(KeptFrame):
    """What somebody said, to everyone but the socket that said it."""

    type: Literal["message"]
    content: str
    role: Literal["user", "assistant", "system"]
    message_id: str
    metadata: dict[str, Any]
    client_id: NotRequired[str]
    at_ms: NotRequired[int]


class MessageEditedFrame(KeptFrame):
    """A message says something else now, to everyone."""

    type: Literal["message_edited"]
    message_id: str
    content: str
    role: Literal["user", "assistant", "system"]
    metadata: dict[str, Any]
    edited_at: Moment


class MessageDeletedFrame(KeptFrame):
    """A message was taken back, to everyone."""

    type: Literal["message_deleted"]
    message_id: str


class HistoryClearedFrame(KeptFrame):
    """Everything said in the session was taken back, to everyone."""

    type: Literal["history_cleared"]
    count: int


class MessageDeltaFrame(Frame):
    """More words of an answer that is being written; ``reset`` voids what came before."""

    type: Literal["message_delta"]
    message_id: str
    delta: str
    reset: NotRequired[bool]


class StatusFrame(Frame):
    """The asker's question is being worked on; a message or an error follows."""

    type: Literal["status"]
    status: str
    intent: str
    description: str


class AckFrame(Frame):
    """A message with a ``client_id`` is stored, to the socket that sent it."""

    type: Literal["ack"]
    client_id: str
    message_id: str
    seq: Seq
    duplicate: bool


class ErrorFrame(Frame):
    """The last frame of this socket was refused; the socket stays open."""

    type: Literal["error"]
    error: str
    content: str
    code: Annotated[str, Field(pattern="^[A-Z][A-Z_]*$")]


class HistoryMessage(TypedDict):
    """A message as REST shows it too."""

    message_id: str
    role: Literal["user", "assistant", "system"]
    content: str
    sources: list[Any]
    intent: str | None
    rag_used: bool
    created_at: Moment
    user_id: str
    seq: int
    at_ms: int | None
    client_id: str | None
    metadata: dict[str, Any]
    edited_at: Moment | None
    is_deleted: bool


class HistoryFrame(Frame):
    """A page of messages, oldest first, to the asker."""

    type: Literal["history"]
    messages: list[HistoryMessage]
    has_more: bool


class TypingFrame(Frame):
    """Somebody writes, to the others."""

    type: Literal["typing"]
    user_id: str
    name: str
    is_typing: bool


class ReadFrame(Frame):
    """Somebody has read up to ``read_seq``, to the others."""

    type: Literal["read"]
    user_id: str
    read_seq: Seq


class Member(TypedDict):
    user_id: str
    name: str
    since: Moment


class PresenceFrame(Frame):
    """Who is there, to everyone; ``members`` names the first hundred."""

    type: Literal["presence"]
    members: list[Member]
    count: int


class SessionFrame(Frame):
    """The session itself was renamed or deleted, to everyone."""

    type: Literal["session"]
    state: Literal["renamed", "deleted"]
    title: NotRequired[str]
    seq: NotRequired[Seq]


class ChunkFrame(KeptFrame):
    """A chunk was stored, or its sound was listened to, to everyone."""

    type: Literal["chunk"]
    state: Literal["received", "transcribed", "silent", "failed"]
    chunk_index: int
    chunks_processed: int
    total_chunks: int
    error: NotRequired[str]


class SegmentFrame(KeptFrame):
    """One segment of the transcript: ``id`` is stable, a higher ``rev`` replaces a lower one.

    Where the state is ``removed`` nothing else is said. The kind ``missing`` is a hole: audio
    that never came.
    """

    type: Literal["segment"]
    state: Literal["partial", "final", "revised", "removed"]
    id: str
    rev: int
    kind: NotRequired[Literal["speech", "missing"]]
    start_ms: NotRequired[int]
    end_ms: NotRequired[int]
    speaker: NotRequired[str | None]
    text: NotRequired[str]
    confidence: NotRequired[float | None]


class TranscriptCounts(TypedDict):
    chunks_processed: int
    total_chunks: int
    transcript_length: int


class TranscriptFrame(Frame):
    """The whole transcript so far, for clients that keep none themselves."""

    type: Literal["transcript_update"]
    event: Literal["transcript_updated"]
    content: str
    metadata: TranscriptCounts


class StageRow(TypedDict):
    """``duration_seconds`` is null until the stage has ended."""

    name: str
    status: str
    duration_seconds: float | None
    error: str


class MeetingFrame(KeptFrame):
    """The meeting began, ended, or got further in its processing, to everyone."""

    type: Literal["meeting"]
    state: Literal[
        "started", "resumed", "stopped", "abrupt_end", "stage", "completed", "failed", "cancelled"
    ]
    stage: NotRequired[str]
    stages: NotRequired[list[StageRow]]
    progress: NotRequired[Annotated[float, Field(ge=0, le=1)]]
    asked: NotRequired[list[str]]
    error: NotRequired[str]


class ResumedFrame(Frame):
    """What was missed has been sent, up to ``to_seq``; with ``gap`` REST has it instead."""

    type: Literal["resumed"]
    from_seq: int
    to_seq: int
    gap: bool


class PongFrame(Frame):
    """The answer to a ping."""

    type: Literal["pong"]


SERVER_FRAMES: dict[str, Any] = {
    "system": SystemFrame,
    "message": MessageFrame,
    "message_edited": MessageEditedFrame,
    "message_deleted": MessageDeletedFrame,
    "history_cleared": HistoryClearedFrame,
    "message_delta": MessageDeltaFrame,
    "status": StatusFrame,
    "ack": AckFrame,
    "error": ErrorFrame,
    "history": HistoryFrame,
    "typing": TypingFrame,
    "read": ReadFrame,
    "presence": PresenceFrame,
    "session": SessionFrame,
    "chunk": ChunkFrame,
    "segment": SegmentFrame,
    "transcript_update": TranscriptFrame,
    "meeting": MeetingFrame,
    "resumed": ResumedFrame,
    "pong": PongFrame,
}
