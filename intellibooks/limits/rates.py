"""So many acts in so much time, as an operator writes it."""

import re
from dataclasses import dataclass

UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
RATE = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,3})?(s|min|h)", re.ASCII)
OFF = {"0", "off"}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` acts at once, and on average as many in ``seconds``."""

    count: int
    seconds: float


def parse_rate(text: str) -> Rate | None:
    """``20/s``, ``100/10min``; ``0`` or ``off`` is no limit at all. Raises ValueError."""
    if text.lower() in OFF:
        return None
    found = RATE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(text)
    count, many, unit = found.groups()
    return Rate(int(count), int(many or 1) * UNITS[unit])
