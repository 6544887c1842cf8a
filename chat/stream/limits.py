"""How many frames a person may send: some too many are refused with a word, a flood ends it."""

import time

from chat.stream.socket import RoomSocket
from intellibooks.errors import RateLimited
from intellibooks.limits.limiter import allow

FLOOD = 4429
REFUSALS_BEFORE_END = 30
WINDOW_SECONDS = 10.0
REFUSAL = "Too many messages. This one was not taken; please send it again in a moment."


class Flooded(RateLimited):
    """Warned often enough: the socket is closed."""


async def limit_frame(socket: RoomSocket) -> None:
    """Counts a frame, whatever is in it. Raises RateLimited, Flooded."""
    verdict = await allow("messages", socket.identity, socket.address)
    if verdict.allowed:
        return
    begun, refused = socket.state.get("refusals", (0.0, 0))
    if time.monotonic() - begun > WINDOW_SECONDS:
        begun, refused = time.monotonic(), 0
    socket.state["refusals"] = (begun, refused + 1)
    if refused >= REFUSALS_BEFORE_END:
        raise Flooded("Too many messages. Please come back in a moment.", verdict.retry_after)
    raise RateLimited(REFUSAL, verdict.retry_after)
