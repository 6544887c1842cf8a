"""What the command line says."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKPOINTS = (10, 100, 360, 3000)
LONGEST_SECONDS, MOST_ROUNDS, MOST_CHUNKS = 3600, 20, 20_000
NUMBERS = (
    ("--seconds", LONGEST_SECONDS, "ingest: at one chunk a second"),
    ("--rounds", MOST_ROUNDS, "ingest: turns of each server"),
    ("--round-seconds", LONGEST_SECONDS, "ingest: length of a turn at full speed"),
    ("--chunks", MOST_CHUNKS, "live: chunks of 10 s to say"),
    ("--pipeline-seconds", LONGEST_SECONDS, "pipeline: of each number of meetings"),
    ("--crowd-seconds", LONGEST_SECONDS, "crowd: they all record (600 for what we publish)"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """Which parts to run and how long; the defaults give the figures we publish."""

    parts: tuple[str, ...] = ()
    json_path: Path | None = None
    seconds: int = 60
    rounds: int = 3
    round_seconds: int = 10
    chunks: int = 20
    checkpoints: tuple[int, ...] = CHECKPOINTS
    pipeline_seconds: int = 21
    crowd_seconds: int = 62


def parse_options(arguments: Sequence[str], purposes: Mapping[str, str]) -> Options:
    """Exits with 2 and a message where the command line makes no sense."""
    parser = build_parser(purposes)
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.parts if name not in purposes]:
        parser.error(f"no such part: {', '.join(unknown)} (there are: {', '.join(purposes)})")
    return Options(
        parts=tuple(dict.fromkeys(given.parts)) or tuple(purposes),
        json_path=given.json,
        seconds=given.seconds,
        rounds=given.rounds,
        round_seconds=given.round_seconds,
        chunks=given.chunks,
        checkpoints=given.checkpoints,
        pipeline_seconds=given.pipeline_seconds,
        crowd_seconds=given.crowd_seconds,
    )


def build_parser(purposes: Mapping[str, str]) -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<10} {purpose}" for name, purpose in purposes.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures the service on this machine. It starts its own, on loopback and "
        "in a temporary directory, and stops it.",
        epilog=f"parts (default: all):\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    for option, limit, help_line in NUMBERS:
        known = getattr(Options(), option.removeprefix("--").replace("-", "_"))
        parser.add_argument(option, type=bounded(limit), default=known, help=help_line)
    parser.add_argument(
        "--checkpoints",
        type=read_checkpoints,
        default=CHECKPOINTS,
        metavar="N,N",
        help="memory: after how many chunks to look",
    )
    return parser


def bounded(limit: int) -> Callable[[str], int]:
    """A reader of whole numbers from 1 to the limit."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= limit:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {limit}")
        return int(text)

    return read


def read_checkpoints(text: str) -> tuple[int, ...]:
    """Ascending, each once."""
    read = bounded(MOST_CHUNKS)
    return tuple(sorted({read(part.strip()) for part in text.split(",")}))
