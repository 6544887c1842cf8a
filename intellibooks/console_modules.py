"""The console's modules: which there are, and what each screen is made of. Reads files only."""

import re
from functools import lru_cache
from pathlib import Path

STATIC = (Path(__file__).parent / "static" / "console").resolve()
IMPORT = re.compile(r'^(?:import|export)\b[^"]*?"(\.[^"]+\.js)";', re.MULTILINE)
# In the order in which the later ones may overrule the earlier.
SHEETS = tuple(
    f"console/css/{name}.css"
    for name in (
        *("tokens", "base", "components", "states", "overlays", "library"),
        *("deck", "transcript", "notes", "review", "record", "recorder"),
    )
)
PAGES = {"": "library", "m": "review"}  # the others are named as their address


def name_page(path: str) -> str:
    """The module that the router will load for that address."""
    first = path.removeprefix("/console").strip("/").partition("/")[0]
    name = PAGES.get(first, first)
    return name if name in list_pages() else "missing"


@lru_cache
def list_pages() -> frozenset[str]:
    return frozenset(path.stem for path in (STATIC / "pages").glob("*.js"))


@lru_cache
def list_modules(page: str) -> tuple[str, ...]:
    """What that page is made of: told to the browser at once, so that it need not find out."""
    found = follow_imports(STATIC / "app.js", STATIC / "pages" / f"{page}.js")
    return tuple(sorted(f"console/{path.relative_to(STATIC).as_posix()}" for path in found))


def follow_imports(*modules: Path) -> set[Path]:
    """Those modules and all that they import."""
    found: set[Path] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop().resolve()
        if module not in found:
            found.add(module)
            waiting += [module.parent / name for name in IMPORT.findall(module.read_text())]
    return found
