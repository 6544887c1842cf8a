"""The AsyncAPI 3.0 document: one channel, what the service sends on it, and what it takes.

AsyncAPI's words are the service's own: it *sends* what a client gets, and *receives* the rest.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from django.conf import settings
from pydantic import TypeAdapter

from chat.client_frames import CLIENT_FRAMES
from chat.server_frames import SERVER_FRAMES

ROOM = "#/channels/room/messages/"
SCHEMAS = "#/components/schemas/"
DESCRIPTION = (
    "One WebSocket for each session. Frames are JSON objects, told apart by `type`; a type or a "
    "field that a client does not know is to be ignored."
)
QUERY = {
    "last_seq": "the newest event the client has: what came after it is sent first",
    "transcript": "full, delta (no transcript_update) or off (no segment either)",
    "ticket": "from POST /api/auth/ws-ticket",
    "share": "the token of a public link: to read",
    "user_id": "a name one gives oneself, in open mode",
}


@cache
def describe_schemas() -> dict[str, Any]:
    """The JSON schema of every frame and of what is in it, by the name of its class."""
    shapes = [*SERVER_FRAMES.values(), *CLIENT_FRAMES.values()]
    wanted: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        (shape.__name__, "validation", TypeAdapter(shape)) for shape in shapes
    ]
    found, shared = TypeAdapter.json_schemas(wanted, ref_template=SCHEMAS + "{model}")
    alone = {name: schema for (name, _), schema in found.items() if "$ref" not in schema}
    schemas = {**alone, **shared.get("$defs", {})}
    return {name: schemas[name] for name in sorted(schemas)}


def name_message(shape: Any) -> str:
    return str(shape.__name__)


def describe_messages(frames: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name_message(shape): {
            "name": kind,
            "summary": (shape.__doc__ or "").partition("\n")[0],
            "contentType": "application/json",
            "payload": {"$ref": SCHEMAS + name_message(shape)},
        }
        for kind, shape in frames.items()
    }


def describe_channel(messages: Mapping[str, Any]) -> dict[str, Any]:
    query = {name: {"type": "string", "description": text} for name, text in QUERY.items()}
    return {
        "address": "/ws/chat/{session_id}",
        "description": "The room of a session; its id is the meeting's id.",
        "parameters": {
            "session_id": {"description": "1 to 64 of A-Z a-z 0-9 . _ -, as the service gave it"}
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {"method": "GET", "query": {"type": "object", "properties": query}},
        },
    }


def describe_operation(
    action: Literal["send", "receive"], frames: Mapping[str, Any], summary: str
) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/room"},
        "summary": summary,
        "messages": [{"$ref": ROOM + name_message(shape)} for shape in frames.values()],
    }


def describe(host: str, *, is_secure: bool) -> dict[str, Any]:
    """The document of a service that is reached under that host name and port."""
    messages = {**describe_messages(SERVER_FRAMES), **describe_messages(CLIENT_FRAMES)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Intellibooks Studio",
            "version": settings.VERSION,
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": {"this": {"host": host, "protocol": "wss" if is_secure else "ws"}},
        "channels": {"room": describe_channel(messages)},
        "operations": {
            "tell": describe_operation("send", SERVER_FRAMES, "What a client gets."),
            "hear": describe_operation("receive", CLIENT_FRAMES, "What a client may send."),
        },
        "components": {"messages": messages, "schemas": describe_schemas()},
    }
