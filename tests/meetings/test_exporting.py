import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import AsyncClient, Client

from meetings import exporting, media, pipeline, services
from meetings.exports.registry import FORMATS
from meetings.models import Meeting, Segment, StageResult
from tests.factories import cut_sample, make_tone, send_chunk
from tests.meetings.exports.captions import read_vtt

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("data_dir"),
]

WORDS = [{"text": "hello", "start": 1.0, "end": 1.5, "probability": 0.9}]
CLAIM = {"text": "It is late.", "evidence": [{"segment": 0, "start": 1.0, "end": 2.0}]}
ACTION: dict[str, Any] = {
    "task": "call",
    "owner": None,
    "due": "today",
    "text": "call",
    "evidence": [],
}


def make_meeting(title: str = "Weekly", status: str = "completed") -> Meeting:
    """A meeting as the pipeline leaves it."""
    meeting = services.start_meeting(title=title)
    Meeting.objects.filter(pk=meeting.pk).update(status=status, duration_ms=8000)
    facts: list[dict[str, Any]] = [
        {"start_ms": 1000, "end_ms": 2000, "text": "hello", "speaker": "Ann", "words": WORDS},
        {"start_ms": 2000, "end_ms": 8000, "text": "[missing audio]", "kind": "missing"},
    ]
    for position, row in enumerate(facts):
        Segment.objects.create(meeting=meeting, key=str(position), position=position, **row)
    results: dict[str, Any] = {
        "summary": {"summary": "Short.", "key_points": [CLAIM], "main_topics": []},
        "actions": {"action_items": [ACTION], "decisions": [CLAIM], "questions": []},
    }
    for name, result in results.items():
        StageResult.objects.create(meeting=meeting, name=name, status="completed", result=result)
    return services.get_meeting(meeting.pk)


def name_file(meeting: Meeting, ending: str) -> str:
    return f"Weekly {meeting.created_at:%Y-%m-%d} {meeting.pk}.{ending}"


def unpack(content: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting()


@pytest.fixture
def played() -> Meeting:
    """A meeting with a real recording."""
    meeting = services.start_meeting(title="Weekly")
    send_chunk(meeting, 0, make_tone())
    services.end_recording(meeting.pk, actor="client")
    assert pipeline.process_meeting(meeting.pk)
    return services.get_meeting(meeting.pk)


def test_export_is_a_file_named_after_the_meeting(client: Client, meeting: Meeting) -> None:
    answer = client.get(f"/api/meetings/{meeting.pk}/export?format=vtt")
    assert answer.status_code == 200
    assert read_vtt(answer.content)[0].lines == ["hello"]
    assert {
        "Content-Type": "text/vtt; charset=utf-8",
        "Content-Disposition": f'attachment; filename="Weekly {meeting.created_at:%Y-%m-%d}.vtt"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_comes_whatever_the_caller_accepts(
    client: Client, meeting: Meeting, name: str
) -> None:
    url = f"/api/meetings/{meeting.pk}/export/?format={name}"
    answer = client.get(url, headers={"accept": "image/png"})
    assert answer.status_code == 200
    assert answer.content


def test_rows_become_the_document(meeting: Meeting) -> None:
    body = json.loads(exporting.export_text(meeting, "json").content)
    assert (body["title"], body["duration"], body["summary"]) == ("Weekly", 8.0, "Short.")
    assert body["key_points"] == body["decisions"] == [{"text": "It is late.", "at": 1.0}]
    assert body["actions"] == [{"task": "call", "owner": "", "due": "today", "at": None}]
    assert [line["is_missing"] for line in body["lines"]] == [False, True]
    assert body["lines"][0]["words"] == WORDS


def test_unknown_format_is_422(client: Client, meeting: Meeting) -> None:
    for url in (f"{meeting.pk}/export?format=exe", f"export?ids={meeting.pk}&format=md,exe"):
        answer = client.get(f"/api/meetings/{url}")
        assert (answer.status_code, answer.json()["detail"]) == (422, "Unknown export format")


def test_unknown_meeting_is_404(client: Client, meeting: Meeting) -> None:
    for url in ("nobody/export?format=md", f"export?ids={meeting.pk},nobody&format=md"):
        answer = client.get(f"/api/meetings/{url}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Session not found")


def test_archive_without_ids_is_422(client: Client) -> None:
    for query in ("", "?ids=", "?ids=,"):
        assert client.get(f"/api/meetings/export{query}").status_code == 422


def test_running_meeting_is_exported_as_far_as_it_is_heard(
    client: Client, work_off: Callable[[], None]
) -> None:
    meeting = services.start_meeting()
    for index, chunk in enumerate(cut_sample(2)):
        send_chunk(meeting, index, chunk)
    work_off()
    send_chunk(meeting, 3, make_tone())  # its predecessor may still come: no hole is named
    answer = client.get(f"/api/meetings/{meeting.pk}/export?format=csv")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows[:2]] == ["notice", "speech"]
    assert {row["kind"] for row in rows} == {"notice", "speech"}
    assert "team meeting" in " ".join(row["text"] for row in rows)
    assert float(rows[-1]["start"]) > 10.24
    assert "unfinished.csv" in answer.headers["Content-Disposition"]


def test_audio_is_saved_as_it_is_played(client: Client, played: Meeting) -> None:
    answer = client.get(f"/api/meetings/{played.pk}/export?format=audio")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Weekly ')
    assert answer.headers["Content-Type"] == "audio/flac"
    assert answer.getvalue()[:4] == b"fLaC"


def test_audio_that_is_not_there_is_404(client: Client, meeting: Meeting) -> None:
    answer = client.get(f"/api/meetings/{meeting.pk}/export?format=audio")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_ready")


def test_archive_has_every_meeting_in_every_format(client: Client, played: Meeting) -> None:
    other = make_meeting()
    url = f"/api/meetings/export?ids={played.pk},{other.pk},{played.pk}&format=md,audio"
    answer = client.get(url)
    assert answer.headers["Content-Type"] == "application/zip"
    files = unpack(answer.getvalue())
    names = [name_file(played, "md"), name_file(played, "flac"), name_file(other, "md")]
    assert list(files) == [*names, "manifest.json"]
    with media.get_storage().open(played.recording_name) as recording:
        assert files[names[1]] == recording.read()
    entries = json.loads(files["manifest.json"])["files"]
    assert [entry.get("file") for entry in entries] == [*names, None]
    assert "error" in entries[3]


async def test_archive_is_streamed_under_asgi(meeting: Meeting) -> None:
    answer: Any = await AsyncClient().get(f"/api/meetings/export?ids={meeting.pk}&format=txt,docx")
    content = b"".join([piece async for piece in answer])
    assert len(unpack(content)) == 3


def test_archive_holds_one_piece_at_a_time(played: Meeting) -> None:
    sizes = [len(piece) for piece in exporting.export_archive([played] * 50, ["audio", "json"])]
    assert sum(sizes) > 20 * max(sizes)
    assert max(sizes) < 2 * exporting.PIECE_BYTES


def test_command_writes_into_a_folder_and_again_over_it(
    run_command: Callable[..., int], meeting: Meeting, tmp_path: Path, capsys: Any
) -> None:
    arguments = ("export_meetings", meeting.pk, "--format", "srt,md", "--out", f"{tmp_path}/out")
    assert [run_command(*arguments) for _ in range(2)] == [0, 0]
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {name_file(meeting, "srt"), name_file(meeting, "md"), "manifest.json"}
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{meeting.pk}: Weekly, completed, 0:08: srt, md"
    assert lines[1] == f"2 files of 1 meetings in {tmp_path}/out."


def test_command_writes_an_archive_of_what_it_chose(
    run_command: Callable[..., int], meeting: Meeting, tmp_path: Path
) -> None:
    make_meeting(status="failed")
    target = tmp_path / "all.zip"
    chosen = ("--status", "completed", "--since", "2020-01-01")
    assert run_command("export_meetings", *chosen, "--out", str(target)) == 0
    assert list(unpack(target.read_bytes())) == [name_file(meeting, "md"), "manifest.json"]


def test_command_says_what_it_could_not_export(
    run_command: Callable[..., int], meeting: Meeting, tmp_path: Path, capsys: Any
) -> None:
    names = ("--format", "txt,audio", "--out", str(tmp_path))
    assert run_command("export_meetings", meeting.pk, "nobody", *names) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0].endswith(": txt")
    unknown, unplayable = shown.err.splitlines()
    assert unknown == "nobody: unknown"
    assert unplayable.startswith(f"{meeting.pk}: audio: ")


@pytest.mark.parametrize("arguments", [[], ["--all"], ["--since", "2020-01-01"]])
def test_command_without_a_meeting_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("export_meetings", *arguments, "--out", str(tmp_path))
    assert refusal.value.returncode == 2
