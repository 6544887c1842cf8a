"""One row of the table at the end: what was broken, how often, and what it cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.timing import TooSlow

HEADINGS = ("fault", "injected", "accepted", "lost", "healthy after", "limit", "")


@dataclass(slots=True)
class Trial:
    """``accepted`` and ``lost`` are chunks; ``healed`` is the slowest recovery in seconds."""

    fault: str
    injected: int = 0
    accepted: int = 0
    lost: int = 0
    healed: float | None = None
    limit: float | None = None

    @contextmanager
    def healing(self, within: float) -> Iterator[None]:
        """From the damage to the end of the block everything must be well again in time."""
        started = time.monotonic()
        yield
        self.note_healed(time.monotonic() - started, within)

    def note_healed(self, seconds: float, within: float) -> None:
        self.healed = max(seconds, self.healed or 0.0)
        self.limit = within
        if seconds > within:
            raise TooSlow(f"healthy again after {seconds:.1f} s, not within {within:.0f} s")

    def inject(self, times: int = 1) -> None:
        self.injected += times


def format_row(row: dict[str, Any], outcome: str) -> tuple[str, ...]:
    healed, limit = row["healed"], row["limit"]
    return (
        row["fault"],
        str(row["injected"]),
        str(row["accepted"]),
        str(row["lost"]),
        "-" if healed is None else f"{healed:.1f} s",
        "-" if limit is None else f"{limit:.0f} s",
        "" if outcome == "passed" else outcome.upper(),
    )


def format_table(rows: list[tuple[str, ...]]) -> list[str]:
    """The lines of the table; numbers to the right."""
    widths = [max(len(row[column]) for row in [HEADINGS, *rows]) for column in range(len(HEADINGS))]
    numeric = range(1, len(HEADINGS) - 1)

    def align(row: tuple[str, ...]) -> str:
        cells = (
            cell.rjust(widths[column]) if column in numeric else cell.ljust(widths[column])
            for column, cell in enumerate(row)
        )
        return "  ".join(cells).rstrip()

    return [align(HEADINGS), "-" * (sum(widths) + 2 * len(widths)), *map(align, rows)]
