"""What a client may send: the shape of every frame. ``chat.stream.handlers`` says what it does."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from chat.history import LATEST_SEQ, LONGEST_PAGE
from chat.wording import LATEST_MS, LONGEST_CLIENT_ID, LONGEST_MESSAGE

Content = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE)]
AnySeq = Annotated[int, Field(ge=0, le=LATEST_SEQ)]


class ClientFrame(TypedDict):
    """``session_id`` may stand in it; the address says which session it is."""

    session_id: NotRequired[str]


class SayFrame(ClientFrame):
    """A message. ``client_id`` makes sending it again harmless; ``user_id`` counts in open mode."""

    content: Content
    metadata: NotRequired[dict[str, Any] | None]
    client_id: NotRequired[Annotated[str, Field(min_length=1, max_length=LONGEST_CLIENT_ID)] | None]
    at_ms: NotRequired[Annotated[int, Field(ge=0, le=LATEST_MS)] | None]
    user_id: NotRequired[str | None]


class SendMessage(SayFrame):
    """A message for the others; without a type a frame is one."""

    type: NotRequired[Literal["message"]]


class SendResearch(SayFrame):
    """A message that the assistant answers from every meeting one may see."""

    type: Literal["research"]


class SendSmart(SayFrame):
    """A message that the assistant answers from this meeting."""

    type: Literal["smart"]


class SendEdit(ClientFrame):
    """Other words for one's own message."""

    type: Literal["edit"]
    message_id: str
    content: Content
    user_id: NotRequired[str]


class SendDelete(ClientFrame):
    """Takes a message back: one's own, or any where one manages the session."""

    type: Literal["delete"]
    message_id: str
    user_id: NotRequired[str]


class SendHistory(ClientFrame):
    """Asks for the newest messages, or those before a message id or a seq."""

    type: Literal["history"]
    before: NotRequired[str | int | None]
    limit: NotRequired[Annotated[int, Field(ge=1, le=LONGEST_PAGE)] | None]


class SendTyping(ClientFrame):
    """One writes, or has stopped; ``is_typing`` is true where it is missing."""

    type: Literal["typing"]
    is_typing: NotRequired[bool]


class SendRead(ClientFrame):
    """One has read everything up to ``seq``."""

    type: Literal["read"]
    seq: AnySeq


class SendResume(ClientFrame):
    """Asks for the events after ``last_seq``."""

    type: Literal["resume"]
    last_seq: AnySeq


class SendPing(ClientFrame):
    """Asks for a pong."""

    type: Literal["ping"]


CLIENT_FRAMES: dict[str, Any] = {
    "message": SendMessage,
    "research": SendResearch,
    "smart": SendSmart,
    "edit": SendEdit,
    "delete": SendDelete,
    "history": SendHistory,
    "typing": SendTyping,
    "read": SendRead,
    "resume": SendResume,
    "ping": SendPing,
}
