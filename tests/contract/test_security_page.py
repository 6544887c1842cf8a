"""docs/security.md maps each threat to tests that there are, and versions stay where they are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
TEST = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)
THREATS = [line for line in PAGE.splitlines() if line.startswith("| ") and line.count(" | ") == 2][
    1:
]


def list_tests() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in TEST.findall(path.read_text())
    }


def test_each_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 40
    assert named <= list_tests()


@pytest.mark.parametrize("line", THREATS)
def test_each_threat_has_a_test(line: str) -> None:
    threat, _, tests = line.strip("| ").partition(" | ")
    assert threat.startswith("**") or "`test_" in tests


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_requirement_names_one_version(path: Path) -> None:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    wanted = [line for line in lines if line and not line.startswith(("-r ", "--"))]
    assert wanted
    loose = [
        line for line in wanted if not re.match(r"[\w.-]+(\[[\w,.-]+\])?==[\w.+!]+( ?;|$)", line)
    ]
    assert loose == []
