"""What ``manage.py check --deploy`` adds of ours to Django's own warnings."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning

from intellibooks.checkup.base import State
from intellibooks.checkup.machine import check_auth


def report_openness(**_: Any) -> list[CheckMessage]:
    """Open mode where others can reach it: an error, or a warning where somebody allowed it."""
    finding = check_auth()
    if finding.state == State.OK:
        return []
    if finding.state == State.FAILED:
        return [Error(finding.error, hint=finding.fix, id="intellibooks.E001")]
    return [Warning(finding.error, hint=finding.fix, id="intellibooks.W001")]
