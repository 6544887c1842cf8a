"""How many sockets one address may open in a time, and hold at once in a process."""

import logging
from collections import Counter
from typing import Any

from django.conf import settings

from intellibooks.identity import STRANGER
from intellibooks.limits.addresses import name_source
from intellibooks.limits.limiter import allow

logger = logging.getLogger(__name__)


class LimitSockets:
    """ASGI middleware, before anybody is identified: a flood costs no database query."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.held: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        source = name_source(scope)
        if not await self.may_open(source):
            logger.warning("a socket of %s is refused: too many", source)
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008})
            return
        self.held[source] += 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.held[source] -= 1
            if not self.held[source]:
                del self.held[source]

    async def may_open(self, source: str) -> bool:
        most = int(getattr(settings, "LIMIT_SOCKETS", 0))
        if most and self.held[source] >= most:
            return False
        return (await allow("connects", STRANGER, source)).allowed
