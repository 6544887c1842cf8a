"""Runs the parts, prints what they found, and leaves nothing behind."""

import json
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any, NoReturn

import httpx
from rich.console import Console

from bench.options import Options, parse_options
from bench.registry import PARTS, load_measure
from bench.report import build_console, describe_machine, encode_tables, print_table
from bench.service import BenchError
from intellibooks.embedded_redis import EmbeddedRedisError

EXIT_FAILED, EXIT_INTERRUPTED = 1, 130


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 even where a goal was missed, because a busy machine misses some."""
    options = parse_options(arguments, {name: part.purpose for name, part in PARTS.items()})
    signal.signal(signal.SIGTERM, leave)
    try:
        run_parts(options, build_console())
    except (BenchError, EmbeddedRedisError, httpx.HTTPError) as error:
        print(f"bench: {type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("bench: interrupted; what it had started is stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Unwinds, so that every context stops what it started."""
    raise KeyboardInterrupt


def run_parts(options: Options, console: Console) -> None:
    document: dict[str, Any] = {
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "tables": [],
    }
    console.print(describe_run(document), markup=False)
    for name in options.parts:
        console.print(f"\n{name}: {PARTS[name].purpose} ...", markup=False)
        tables = load_measure(name)(options)
        document["tables"] += encode_tables(name, tables)
        document["load_at_end"] = describe_machine()["load"]
        if options.json_path:  # after every part: a later one may fail
            options.json_path.write_text(json.dumps(document, indent=2) + "\n")
        for table in tables:
            print_table(table, console)
    console.print(f"\nLoad at the end: {document['load_at_end']}", markup=False)


def describe_run(document: dict[str, Any]) -> str:
    machine = document["machine"]
    return (
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"load before {machine['load']}: trust ratios and CPU time first."
    )
