"""What the demo shows: plain lines that also read well in a file, and a status on a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.status import Status
from rich.text import Text

from meetings.demo.wording import clean_text, format_time

WIDEST = 100  # longer lines are hard to read
NARROWEST = 20
TIME_WIDTH = 7  # h:mm:ss

Row = tuple[float | None, str]


class Screen:
    """Every text is taken literally: no markup, no control characters."""

    def __init__(self, file: Any, *, no_color: bool = False) -> None:
        self.console = Console(
            file=file, markup=False, highlight=False, emoji=False, no_color=no_color or None
        )
        self.width = min(self.console.width, WIDEST)
        self.status: Status | None = None

    def say(self, text: str, style: str = "") -> None:
        self.show_beside("", text, style)

    def space(self) -> None:
        self.console.print()

    def show_heading(self, title: str) -> None:
        self.space()
        self.console.print(
            Rule(self.text(title, "bold"), style="dim", align="left"), width=self.width
        )

    def show_words(self, seconds: float, text: str) -> None:
        self.show_rows([(seconds, text)])

    def show_rows(self, rows: Iterable[Row], style: str = "") -> None:
        """Lines with their time of the meeting at the left."""
        for seconds, text in rows:
            moment = "" if seconds is None else format_time(seconds)
            self.show_beside(f"{moment:>{TIME_WIDTH}}  ", text, style)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Names and values in two columns."""
        longest = max((len(name) for name, _ in facts), default=0)
        for name, value in facts:
            self.show_beside(f"{name:{longest}}  ", value)

    def show_beside(self, margin: str, text: str, style: str = "") -> None:
        """The text wrapped beside its margin, without the blanks that a table would add."""
        room = max(NARROWEST, self.width - len(margin))
        lines = self.text(text, style).wrap(self.console, room)
        for line in lines or [Text()]:
            line.rstrip()
            self.console.print(Text.assemble((margin, "cyan"), line), soft_wrap=True)
            margin = " " * len(margin)

    def show_progress(self, text: str) -> None:
        if self.status is not None:
            self.status.update(self.text(text, "dim"))

    @contextmanager
    def showing_progress(self) -> Iterator[None]:
        """A line at the bottom that changes; nothing where the output is no terminal."""
        if not self.console.is_terminal:
            yield
            return
        # The plain spinner: every encoding has its characters.
        with self.console.status("", spinner="line") as self.status:
            yield
        self.status = None

    def text(self, text: object, style: str = "") -> Text:
        return Text(clean_text(text, self.console.encoding), style=style)
