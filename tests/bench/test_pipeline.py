import asyncio
from dataclasses import replace

from bench.fixed_engine import SAID
from bench.options import Options
from bench.parts.pipeline import build_crowds_table, describe, record, running_engine, subtract
from bench.service import running_service
from meetings.loadtest.ramp import Step


def test_engines_time_is_not_the_services() -> None:
    assert [round(lag) for lag in subtract([0.25, 0.5], [0.1, 0.1])] == [150, 400]


def test_step_that_is_too_late_is_not_carried() -> None:
    steps = [Step(64, 128, 0.1, 0.2, 0.3), Step(128, 256, 0.1, 2.8, 5.8)]
    rows = build_crowds_table(steps, 20.0).rows
    assert [row["carried"] for row in rows] == [True, False]
    assert describe(4, [1.0, 2.0, 9.0]) == {
        "meetings at once": 4,
        "chunks": 3,
        "median ms": 2.0,
        "p95 ms": 9.0,
        "max ms": 9.0,
    }


def test_step_that_lost_something_is_not_carried() -> None:
    step = Step(64, 128, 0.1, 0.2, 0.3)
    assert step.is_carried
    assert not replace(step, lost=1).is_carried
    assert not replace(step, ended=1).is_carried


def test_service_hears_with_the_engine_of_fixed_cost() -> None:
    with running_engine() as settings, running_service(**settings) as server:
        lags = asyncio.run(record(server, 2, Options(pipeline_seconds=1)))
        log = (server.folder / "serve.log").read_text()
    assert len(lags) == 2
    assert all(0 < lag < 10_000 for lag in lags)
    assert SAID not in log
