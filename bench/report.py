"""Tables of figures, for a terminal and as JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable

Cell = str | int | float | bool | None
Row = dict[str, Cell]
PIPE_WIDTH = 150  # columns, where nobody says how wide the output is


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the same columns; the notes say how they were measured."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.rows[0]) if self.rows else ()


def judge(
    what: str, value: float, *, at_most: float | None = None, at_least: float | None = None
) -> Row:
    """A row that holds a figure against its goal."""
    if at_most is not None:
        return {"what": what, "value": value, "goal": f"<= {at_most:g}", "met": value <= at_most}
    limit = at_least or 0.0
    return {"what": what, "value": value, "goal": f">= {limit:g}", "met": value >= limit}


def format_cell(cell: Cell) -> str:
    """At least three digits of a fraction, blanks between thousands."""
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "NO"
    if isinstance(cell, float):
        decimals = 0 if abs(cell) >= 100 else 1 if abs(cell) >= 10 else 2
        return f"{cell:,.{decimals}f}".replace(",", " ")
    if isinstance(cell, int):
        return f"{cell:,}".replace(",", " ")
    return cell


def is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def print_table(table: Table, console: Console) -> None:
    console.print(f"\n{table.title}", style="bold", markup=False)
    drawn = RichTable(box=SIMPLE_HEAD)
    for column in table.columns:
        numeric = any(is_number(row[column]) for row in table.rows)
        drawn.add_column(column, justify="right" if numeric else "left")
    for row in table.rows:
        drawn.add_row(*(format_cell(row[column]) for column in table.columns))
    console.print(drawn)
    for note in table.notes:
        console.print(f"  {note}", markup=False, soft_wrap=True)


def build_console(**choices: Any) -> Console:
    """As wide as the terminal, or wide enough for every table where there is none."""
    console = Console(highlight=False, **choices)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def describe_machine() -> dict[str, Any]:
    """What the figures depend on; the load tells whether others were at work."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def encode_tables(part: str, tables: Sequence[Table]) -> list[dict[str, Any]]:
    return [
        {"part": part, "title": table.title, "rows": list(table.rows), "notes": list(table.notes)}
        for table in tables
    ]
