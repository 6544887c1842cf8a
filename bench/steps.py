"""A step of the load test as a row of a table."""

from bench.report import Row
from meetings.loadtest.ramp import Step


def describe_step(step: Step) -> Row:
    return {
        "meetings at once": step.meetings,
        "chunks": step.chunks,
        "upload p95 ms": step.answer_p95 * 1000,
        "lag median ms": step.lag_median * 1000,
        "lag p95 ms": step.lag_p95 * 1000,
    }
