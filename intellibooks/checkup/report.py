"""What checks found, for a terminal: one aligned line each, and what to type below it."""

from collections.abc import Iterator, Sequence

from intellibooks.checkup.base import Report, State

MARKS = {State.OK: "✓", State.WARNING: "!", State.FAILED: "✗", State.OFF: "-"}
PLAIN_MARKS = {State.OK: "ok", State.WARNING: "!!", State.FAILED: "XX", State.OFF: "--"}
STYLES = {
    State.OK: "SUCCESS",
    State.WARNING: "WARNING",
    State.FAILED: "ERROR",
    State.OFF: "HTTP_INFO",
}


def choose_marks(encoding: str | None) -> dict[State, str]:
    """Signs that the terminal can show."""
    try:
        "".join(MARKS.values()).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_MARKS
    return MARKS


def write_lines(reports: Sequence[Report], marks: dict[State, str]) -> Iterator[tuple[str, str]]:
    """(the style's name, the line) of each line."""
    width = max(len(report.check.name) for report in reports)
    for report in reports:
        finding = report.finding
        said = "; ".join(filter(None, (finding.error, finding.found)))
        yield STYLES[finding.state], f"{marks[finding.state]} {report.check.name:<{width}}  {said}"
        if finding.fix and finding.state != State.OK:
            indent = " " * (len(marks[finding.state]) + width + 3)
            yield "NOTICE", f"{indent}fix: {finding.fix}"


def write_verdict(reports: Sequence[Report]) -> str:
    problems = [report.check.name for report in reports if report.is_problem]
    warnings = sum(report.finding.state == State.WARNING for report in reports)
    noted = f"{warnings} warning{'' if warnings == 1 else 's'}"
    if not problems and any(report.is_asleep for report in reports):
        return f"Everything is there and nothing runs yet: python manage.py serve ({noted})."
    if not problems:
        return f"Everything that is needed works ({noted})."
    return f"{len(problems)} to mend: {', '.join(problems)} ({noted})."
