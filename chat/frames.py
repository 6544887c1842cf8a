"""The frames that viewers get: their time, their text. Their shapes: ``chat.server_frames``."""

import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: it costs 1 us
STAMPED = re.compile(r'"timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"')


class FrameText(NamedTuple):
    """A frame as the text that every viewer gets, with what is needed to forward it."""

    text: str
    kind: str
    seq: int = 0  # 0: not kept, and no viewer can ask for it again


def format_utc(moment: datetime) -> str:
    """RFC 3339 with Z; without it browsers read the time as local."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(frame_type: str, session_id: str, **fields: Any) -> Any:
    """A frame of that type for that session, as of now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return {"type": frame_type, "session_id": session_id, "timestamp": now, **fields}


def measure_age(text: str) -> float:
    """Seconds since that frame was stamped; 0 where it has no time, or the clocks disagree."""
    found = STAMPED.search(text)
    if found is None:
        return 0.0
    stamped_at = datetime.fromisoformat(found.group(1))
    return max((datetime.now(UTC) - stamped_at).total_seconds(), 0.0)


def encode(frame: Any) -> str:
    return ENCODER.encode(frame)


def write_frame(frame_type: str, session_id: str, **fields: Any) -> FrameText:
    """A frame that is not kept, ready to be sent."""
    return FrameText(encode(stamp(frame_type, session_id, **fields)), frame_type)
