"""The keys under which audio files are encrypted, as the operator writes them."""

import base64
import binascii
import re
from dataclasses import dataclass, field

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,22}")  # it stands in the header of each file
OFF = "off"


@dataclass(frozen=True, slots=True)
class MediaKeys:
    """``writing`` is the id of the key that encrypts new files; empty where none does.

    The keys themselves are in no repr, so in no traceback and no log.
    """

    writing: str = ""
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)


def parse_media_keys(text: str) -> MediaKeys:
    """``new:<base64>,old:<base64>``: the first encrypts, all decrypt. ``off`` first: none encrypts.

    Raises ValueError; its text holds no key.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    is_off = parts[:1] == [OFF]
    keys: dict[str, bytes] = {}
    for number, part in enumerate(parts[is_off:], start=1):
        key_id, colon, encoded = part.partition(":")
        if not colon or not KEY_ID.fullmatch(key_id) or key_id == OFF:
            raise ValueError(f"entry {number} does not begin with a key's id and a colon")
        if key_id in keys:
            raise ValueError(f"the id {key_id} stands there twice")
        keys[key_id] = decode_key(key_id, encoded)
    return MediaKeys("" if is_off else next(iter(keys), ""), keys)


def decode_key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"the key {key_id} is not base64") from None  # it would show the key
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key {key_id} has {len(key)} bytes instead of {KEY_BYTES}")
    return key
