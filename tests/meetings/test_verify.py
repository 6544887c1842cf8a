import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from meetings import services
from meetings.models import AudioChunk, Meeting
from tests.factories import make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def meeting() -> Meeting:
    started = services.start_meeting()
    send_chunk(started, 0, make_tone())
    return started


def refuse_query(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    raise OperationalError("the server closed the connection")


def test_clean_stores_exit_with_0(meeting: Meeting, run_command: Run, capsys: Capture) -> None:
    assert run_command("verify") == 0
    assert capsys.readouterr().out == "Checked 1 meetings: 0 findings.\n"


def test_finding_is_one_line_and_exits_with_1(
    meeting: Meeting, run_command: Run, capsys: Capture
) -> None:
    Meeting.objects.update(total_chunks=4)
    assert run_command("verify") == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        f"{meeting.pk}: total_chunks is 4 where the chunks say 1 (to fix: count again)"
    )


def test_fix_mends_and_exits_with_0(meeting: Meeting, run_command: Run, capsys: Capture) -> None:
    Meeting.objects.update(total_chunks=4)
    assert run_command("verify", "--fix") == 0
    assert capsys.readouterr().out.endswith("Checked 1 meetings: 1 findings, 1 fixed.\n")
    assert run_command("verify") == 0


def test_fix_that_cannot_be_made_exits_with_1(meeting: Meeting, run_command: Run) -> None:
    AudioChunk.objects.update(sha256="0" * 64)
    assert run_command("verify", "--fix") == 1


def test_json_holds_every_finding(meeting: Meeting, run_command: Run, capsys: Capture) -> None:
    Meeting.objects.update(total_chunks=4)
    run_command("verify", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "meetings": 1,
        "findings": [
            {
                "meeting": meeting.pk,
                "code": "counter",
                "what": "total_chunks is 4 where the chunks say 1",
                "fix": "count again",
                "can_fix": True,
                "fixed": False,
            }
        ],
        "notes": [],
        "fixed": 0,
    }


def test_only_the_named_meeting_is_checked(meeting: Meeting, run_command: Run) -> None:
    Meeting.objects.update(total_chunks=4)
    other = services.start_meeting()
    assert run_command("verify", other.pk) == 0
    assert run_command("verify", meeting.pk) == 1


def test_unknown_id_exits_with_2(run_command: Run) -> None:
    assert run_command("verify", "no-such-meeting") == 2


def test_database_away_exits_with_2(meeting: Meeting, run_command: Run, capsys: Capture) -> None:
    with connection.execute_wrapper(refuse_query):
        assert run_command("verify") == 2
    assert capsys.readouterr().err.startswith("Could not check")
