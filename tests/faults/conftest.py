"""The table at the end of the run, and the stores that the faults hit."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from tests.faults.postgres import OwnPostgres, find_binaries
from tests.faults.trial import Trial, format_row, format_table
from tests.faults.world import World

PROPERTY = "trial"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--machines",
        type=int,
        default=1,
        choices=(1, 2),
        help="2: a second web process and more workers on the same stores in every fault test",
    )


def pytest_configure(config: pytest.Config) -> None:
    World.least_machines = config.getoption("--machines", 1)
    config.addinivalue_line("markers", "faults: breaks a running service; run by make faults")
    config.addinivalue_line("markers", "fault(name): the row of the table that this test fills")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """They take minutes and both cores: only who asks with ``-m faults`` runs them."""
    if "faults" in config.option.markexpr:
        return
    faults = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=faults)
    items[:] = [item for item in items if item not in faults]


@pytest.fixture
def trial(request: pytest.FixtureRequest, record_property: Callable[[str, Any], None]) -> Trial:
    """The row that this test fills."""
    marker = request.node.get_closest_marker("fault")
    row = Trial(marker.args[0] if marker else request.node.name)
    record_property(PROPERTY, row)
    return row


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    """A Postgres of our own, which a test may stop and kill; it gets it back running."""
    if find_binaries() is None:
        pytest.skip("no Postgres on this machine: apt-get install postgresql")
    with OwnPostgres() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The row travels with the report as plain values, from whichever process ran the test."""
    report = yield
    report.user_properties = [
        (name, asdict(value) if isinstance(value, Trial) else value)
        for name, value in report.user_properties
    ]
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line a fault: what it hit, what was accepted, what was lost, how long it took."""
    rows = [
        (row, outcome)
        for outcome in ("passed", "rerun", "failed", "xfailed", "xpassed")
        for report in terminalreporter.stats.get(outcome, [])
        for row in read_trials(report)
    ]
    if not rows:
        return
    terminalreporter.section("faults")
    for line in format_table([format_row(row, outcome) for row, outcome in rows]):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"lost chunks in all: {sum(row['lost'] for row, _ in rows)}")


def read_trials(report: Any) -> list[dict[str, Any]]:
    if getattr(report, "when", "call") != "call":
        return []
    properties = getattr(report, "user_properties", ())
    return [value for name, value in properties if name == PROPERTY]
