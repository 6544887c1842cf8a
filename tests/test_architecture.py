"""The shape of the house: imports point down, pure modules stay pure, nothing grows too big."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("intellibooks", "chat", "transcription", "meetings")
COMPOSITION = {"intellibooks.asgi", "intellibooks.urls", "intellibooks.health"}
COMPOSITION |= {
    "intellibooks.metrics_page",
    "intellibooks.console",
    "intellibooks.front",
    "intellibooks.settings",
}
ALLOWED = {
    "intellibooks": {"intellibooks"},
    "chat": {"chat", "intellibooks"},
    "transcription": {"transcription", "intellibooks"},
    "meetings": {"meetings", "chat", "transcription", "intellibooks"},
}
PURE = (
    "transcription.types",
    "transcription.scoring",
    "transcription.ghosts",
    "transcription.engines.whisper_languages",
    "transcription.diarization.alignment",
    "meetings.analysis",
    "meetings.exports",
    "meetings.timeline",
    *(
        f"meetings.assistant.{name}"
        for name in (
            *("addressing", "answering", "claims", "findings", "matching", "phrasing"),
            *("questions", "types"),
        )
    ),
    "meetings.editing.rules",
    "meetings.editing.retiming",
    "meetings.editing.placing",
    "meetings.reprocessing.dependencies",
    "meetings.byte_ranges",
)
IMPURE_PACKAGES = {"django", "redis", "rq", "django_rq", "channels", "random", "datetime", "time"}
FILE_CEILING, FUNCTION_CEILING = 300, 40


def find_sources(*folders: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603 - our own repository, fixed arguments
        ["git", "ls-files", "-co", "--exclude-standard", "--", *folders],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    paths = (ROOT / name for name in listed if name.endswith(".py") and "/migrations/" not in name)
    return sorted(path for path in paths if path.exists())


def name_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_module(path): path for path in find_sources(*APPS)}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def list_imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {
                name if (name := f"{module}.{alias.name}") in SOURCES else module
                for alias in node.names
            }
    return found


IMPORTS = {module: list_imports(path) for module, path in SOURCES.items()}


def is_composition(module: str) -> bool:
    return module in COMPOSITION or module.startswith("intellibooks.management")


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_imports_point_down(module: str) -> None:
    if is_composition(module):
        return
    allowed = ALLOWED[module.split(".", maxsplit=1)[0]]
    wrong = {name for name in IMPORTS[module] if name.split(".")[0] in set(APPS) - allowed}
    upward = {name for name in IMPORTS[module] if name in COMPOSITION - {"intellibooks.settings"}}
    assert not wrong | upward, f"{module} may not import {sorted(wrong | upward)}"


@pytest.mark.parametrize("module", sorted(m for m in SOURCES if m.startswith(PURE)))
def test_pure_modules_stay_pure(module: str) -> None:
    impure = {name for name in IMPORTS[module] if name.split(".")[0] in IMPURE_PACKAGES}
    assert not impure, f"{module} is pure and may not import {sorted(impure)}"


def test_no_import_cycles() -> None:
    graph = {module: names & SOURCES.keys() - {module} for module, names in IMPORTS.items()}
    while leaves := {module for module, names in graph.items() if not names & graph.keys()}:
        graph = {module: names for module, names in graph.items() if module not in leaves}
    assert not graph, f"import cycle among {sorted(graph)}"


@pytest.mark.parametrize(
    "path", find_sources(*APPS, "tests", "bench"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_outgrows_its_place(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_CEILING
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_CEILING, f"{node.name} has {length} lines"
