import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from redis import Redis
from rq import SimpleWorker

from intellibooks.redis_connection import get_queue
from meetings import services
from meetings.models import Meeting

pytestmark = pytest.mark.django_db(transaction=True)

Capture = pytest.CaptureFixture[str]
RunCommand = Callable[..., int]


def test_named_meeting_is_queued_with_what_may_follow(
    processed: Meeting, run_command: RunCommand, capsys: Capture
) -> None:
    assert run_command("reprocess", processed.pk, "--stages", "diarize,mood") == 0
    line = (
        f"{processed.pk}: processing, runs diarize, mood; "
        "if it changed: segments, summary, keywords, agenda, actions, metrics\n"
    )
    assert capsys.readouterr().out == line
    assert services.get_meeting(processed.pk).status == "processing"


def test_dry_run_changes_nothing(
    processed: Meeting, run_command: RunCommand, capsys: Capture
) -> None:
    assert run_command("reprocess", "--all", "--stages", "mood", "--dry-run") == 0
    assert capsys.readouterr().out == f"{processed.pk}: completed, would run mood\n"
    assert services.get_meeting(processed.pk).status == "completed"


def test_queued_work_is_done_by_workers(
    processed: Meeting, run_command: RunCommand, work_off: Callable[[], None]
) -> None:
    assert run_command("reprocess", "--status", "completed", "--stages", "mood") == 0
    work_off()
    assert services.get_meeting(processed.pk).status == "completed"
    assert processed.stages.get(name="mood").attempts == 2


def test_wait_returns_when_the_workers_are_done(
    processed: Meeting,
    run_command: RunCommand,
    work_off: Callable[[], None],
    redis_server: Redis,
    capsys: Capture,
) -> None:
    listening = SimpleWorker([get_queue("pipeline")], connection=redis_server)
    listening.register_birth()  # type: ignore[no-untyped-call]  # RQ's

    def wait() -> int:
        try:
            return run_command("reprocess", processed.pk, "--stages", "mood", "--wait")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        while services.get_meeting(processed.pk).status == "completed" and not waiting.done():
            time.sleep(0.01)
        work_off()
        assert waiting.result(20) == 0
    listening.register_death()  # type: ignore[no-untyped-call]  # RQ's
    assert capsys.readouterr().out.splitlines() == [
        f"{processed.pk}: processing, runs mood",
        f"{processed.pk}: completed, 0:02",
    ]


def test_wait_says_that_no_worker_listens(
    processed: Meeting,
    run_command: RunCommand,
    capsys: Capture,
) -> None:
    assert run_command("reprocess", processed.pk, "--stages", "mood", "--wait") == 1
    assert "No worker listens to the pipeline; start: manage.py work" in capsys.readouterr().err


def test_json_is_one_object(processed: Meeting, run_command: RunCommand, capsys: Capture) -> None:
    assert run_command("reprocess", processed.pk, "nobody", "--stages", "mood", "--json") == 3
    assert json.loads(capsys.readouterr().out) == {
        "meetings": [
            {"session_id": "nobody", "status": "unknown", "error": "There is no such meeting."},
            {
                "session_id": processed.pk,
                "status": "processing",
                "error": "",
                "asked": ["mood"],
                "followers": [],
            },
        ]
    }


def test_meetings_that_are_not_finished_are_left_out(
    processed: Meeting, run_command: RunCommand, capsys: Capture
) -> None:
    recording = services.start_meeting()
    assert run_command("reprocess", "--all", "--stages", "mood", "--dry-run") == 0
    assert recording.pk not in capsys.readouterr().out
    assert run_command("reprocess", recording.pk) == 1
    assert "being recorded: stop it first" in capsys.readouterr().err


def test_filters_leave_those_of_the_time(processed: Meeting, run_command: RunCommand) -> None:
    arguments = ("reprocess", "--stages", "mood", "--dry-run")
    assert run_command(*arguments, "--since", "2020-01-01", "--limit", "1") == 0
    with pytest.raises(CommandError, match="No finished meeting matches") as refused:
        run_command(*arguments, "--until", "2020-01-01")
    assert refused.value.returncode == 4


def test_unknown_meeting_is_its_own_exit_code(run_command: RunCommand) -> None:
    assert run_command("reprocess", "nobody") == 4


@pytest.mark.parametrize(
    "arguments",
    [(), ("--all", "--stages", "moood"), ("--all", "--engine", "ears"), ("--all", "--limit", "0")],
)
def test_wrong_usage_is_refused_before_anything_begins(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("reprocess", *arguments)
    assert refused.value.returncode == 2
