"""How frames travel between the processes: on the channel layer's own channels, in its format.

So ``channel_layer.group_send(group_name(id), {"type": "room.frames", "texts": [...]})`` of any
other code reaches the sockets too.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from channels.layers import get_channel_layer
from django.conf import settings

from chat.frames import FrameText

MESSAGE_TYPE = "room.frames"


class Parcel(NamedTuple):
    """Frames of one room. ``sender`` is the connection that must not get them back; ``seen``
    names the hubs that have them already.
    """

    frames: Sequence[FrameText]
    sender: str = ""
    seen: Sequence[str] = ()


def group_name(session_id: str) -> str:
    return f"room.{session_id}"


def channel_prefix() -> str:
    """What stands before a session id in the name of its Redis channel."""
    return f"{settings.CHANNEL_PREFIX}__group__{group_name('')}"


def pack(value: Any) -> bytes:
    """As the channel layer does it, with its encryption where that is set up."""
    layer: Any = get_channel_layer()
    body: bytes = layer.serialize(value)
    return body


def unpack(body: bytes) -> Any:
    layer: Any = get_channel_layer()
    return layer.deserialize(body)


def encode_parcel(parcel: Parcel) -> bytes:
    return pack(
        {
            "type": MESSAGE_TYPE,
            "texts": [frame.text for frame in parcel.frames],
            "kinds": [frame.kind for frame in parcel.frames],
            "seqs": [frame.seq for frame in parcel.frames],
            "sender": parcel.sender,
            "seen": list(parcel.seen),
        }
    )


def decode_parcel(body: bytes) -> Parcel:
    """Raises ValueError where it is no parcel of frames."""
    message = unpack(body)
    if not isinstance(message, dict) or message.get("type") != MESSAGE_TYPE:
        raise ValueError("not a message for sockets")
    texts = message.get("texts", ())
    if "kinds" in message and "seqs" in message:
        parts = zip(texts, message["kinds"], message["seqs"], strict=True)
        frames = [FrameText(*part) for part in parts]
    else:
        frames = list(read_texts(texts))
    return Parcel(frames, str(message.get("sender", "")), message.get("seen", ()))


def read_texts(texts: Iterable[str]) -> Iterable[FrameText]:
    """Frames of which only the text was given. Raises ValueError."""
    for text in texts:
        frame = json.loads(text)
        yield FrameText(text, str(frame.get("type", "")), int(frame.get("seq", 0)))
