"""What the console's screens are made of, read from its files: bytes of script and of style."""

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from intellibooks.console_modules import (
    SHEETS,
    STATIC,
    follow_imports,
    list_modules,
    list_pages,
)

# Fetched when somebody asks for it: a menu's act, a dialog, the desk; and in the audio thread.
LATER = re.compile(r'(?:import\(|new URL\()"(\.[^"]+\.js)"')
ROUTER = STATIC / "router.js"  # what it loads later is another screen


def list_at_first(page: str) -> set[Path]:
    """The modules that the screen loads before anything is clicked."""
    return {STATIC.parent / name for name in list_modules(page)}


def list_in_all(page: str) -> set[Path]:
    """The modules that the screen may load however long somebody stays there."""
    found: set[Path] = set()
    waiting = list_at_first(page)
    while waiting:
        found |= waiting
        later = [path for module in waiting - {ROUTER} for path in list_later(module)]
        waiting = follow_imports(*later) - found
    return found


def list_later(module: Path) -> Iterable[Path]:
    return [module.parent / name for name in LATER.findall(module.read_text())]


def list_scripts() -> set[Path]:
    return set(STATIC.rglob("*.js"))


def list_sheets() -> set[Path]:
    return {STATIC.parent / name for name in SHEETS}


def list_screens() -> list[str]:
    return sorted(list_pages() - {"missing"})


def weigh(files: Iterable[Path]) -> int:
    """Bytes of source."""
    return sum(path.stat().st_size for path in files)


def weigh_sent(files: Iterable[Path]) -> int:
    """Bytes of body as the service sends them to a browser that takes gzip."""
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in files)
