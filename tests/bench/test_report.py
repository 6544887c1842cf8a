import io
import json

import pytest

from bench.report import (
    Cell,
    Table,
    build_console,
    describe_machine,
    encode_tables,
    format_cell,
    judge,
    print_table,
)

TABLE = Table(
    "Speed",
    ({"server": "ours", "ms": 4.25, "met": True}, {"server": "theirs", "ms": 1234.5, "met": None}),
    ("Measured [here].",),
)


def draw(table: Table) -> str:
    file = io.StringIO()
    print_table(table, build_console(file=file))
    return file.getvalue()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "-"),
        (True, "yes"),
        (False, "NO"),
        (1572921, "1 572 921"),
        (1234.5, "1 234"),
        (12.345, "12.3"),
        (1.234, "1.23"),
        ("ours", "ours"),
    ],
)
def test_cell_is_written_for_people(cell: Cell, text: str) -> None:
    assert format_cell(cell) == text


def test_numbers_are_aligned_at_their_end() -> None:
    lines = draw(TABLE).splitlines()
    ours = next(line for line in lines if "ours" in line)
    theirs = next(line for line in lines if "theirs" in line)
    assert ours.index("4.25") + len("4.25") == theirs.index("1 234") + len("1 234")


def test_title_and_notes_are_printed_as_they_are() -> None:
    drawn = draw(TABLE)
    assert drawn.lstrip().startswith("Speed\n")
    assert "  Measured [here].\n" in drawn


def test_long_note_is_not_broken_where_nobody_reads_along() -> None:
    note = "word " * 100
    assert note.strip() in draw(Table("Long", TABLE.rows, (note,)))


def test_table_without_rows_is_no_error() -> None:
    assert "Nothing" in draw(Table("Nothing", ()))


def test_goal_is_met_up_to_its_limit() -> None:
    assert judge("p99", 150.0, at_most=150) == {
        "what": "p99",
        "value": 150.0,
        "goal": "<= 150",
        "met": True,
    }
    assert judge("speed", 4.9, at_least=5)["met"] is False


def test_json_keeps_the_figures_unrounded() -> None:
    tables = json.loads(json.dumps(encode_tables("ingest", [TABLE])))
    assert tables == [
        {
            "part": "ingest",
            "title": "Speed",
            "rows": [
                {"server": "ours", "ms": 4.25, "met": True},
                {"server": "theirs", "ms": 1234.5, "met": None},
            ],
            "notes": ["Measured [here]."],
        }
    ]


def test_machine_is_described_in_json() -> None:
    machine = json.loads(json.dumps(describe_machine()))
    assert machine["cores"] >= 1
    assert len(machine["load"]) == 3
