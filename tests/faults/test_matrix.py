"""Every case of the matrix has a test that exists, or a line that says why it has none."""

import ast
from pathlib import Path

import pytest

from tests.faults.matrix import MATRIX

TESTS = Path(__file__).resolve().parents[1]


def list_functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("name", MATRIX)
def test_case_is_played_or_explained(name: str) -> None:
    case = MATRIX[name]
    assert case.tests or case.why_not
    for test in case.tests:
        path, _, function = test.partition("::")
        assert function in list_functions(TESTS / path), test


def test_matrix_is_whole() -> None:
    counts = {"F": 28, "E": 11, "C": 29}
    ids = {f"{kind}{number:02}" for kind, last in counts.items() for number in range(1, last + 1)}
    assert set(MATRIX) == ids
