"""Every `manage.py` command that the documents tell people to type is run, here or in the test
named here; `make run` and `make demo`, too. Other make lines are only read by make.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from pytest_django import Settings

from bench.registry import PARTS
from intellibooks.media_keys import parse_media_keys
from meetings import services
from tests.factories import cut_sample, send_chunk
from tests.intellibooks.serve_process import build_env, find_free_port

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text().replace("\\|", " or ") for page in PAGES)
COMMANDS = sorted({c.strip() for c in re.findall(r"manage\.py (\w+[^`\n|#]*)", TEXT)})
MAKES = sorted({c.strip() for c in re.findall(r"(?:`|^)make ([a-z][^`\n#]*)", TEXT, re.MULTILINE)})

# As it is written -> what is typed where the writing leaves a choice. What is not here is typed
# as it stands.
TYPED = {
    "backup": ["backup {folder}/plain"],
    "backup DIR or FILE.tar": ["backup {folder}/dir", "backup {folder}/file.tar"],
    "doctor [--quick] [--online] [--json]": ["doctor --quick --json", "doctor --online"],
    "encrypt_media [IDS] [--decrypt] [--dry-run]": ["encrypt_media ID --dry-run"],
    "erase ID [--certificate FILE.json] [--force] [--yes]": ["erase {recording} --force --yes"],
    "export_meetings [IDS] [--all --since --status] --format md,vtt --out DIR": [
        "export_meetings ID --format md,vtt --out {folder}/one",
        "export_meetings --all --since 2026-01-02 --status completed --format md --out {folder}/a",
    ],
    "import_audio PATHS [--recursive --title --language --wait]": [
        "import_audio {sound} --title Talk --language en",
        "import_audio {sounds} --recursive",
    ],
    "makemigrations": ["makemigrations --check --dry-run"],
    "purge --older-than 30d [--audio-only] [--yes]": ["purge --older-than 30d --audio-only --yes"],
    "recover [IDS] [--dry-run]": ["recover ID --dry-run"],
    "reprocess [IDS] [--all --status --since --until --stages --engine --language --drop-edits "
    "--dry-run --wait --json]": [
        "reprocess --all --status completed --since 2026-01-02 --until 2099-01-02 --dry-run --json",
        "reprocess ID --stages transcribe --language en --drop-edits",
    ],
    "restore DIR or FILE.tar [--yes]": ["restore {folder}/file.tar --yes"],
    "score [AUDIO REFERENCE] [--engine NAME] [--live] [--json]": [
        "score {sound} {words} --engine pocketsphinx --json"
    ],
    "score": ["score {sound} {words}"],  # without a file it hears all of the sample
    "sweep [--once]": ["sweep --once"],
    "token create USER [--name --scope --days --make-user]": [
        "token create bob --name lab --scope read --days 3 --make-user"
    ],
    "verify [IDS] [--fix] [--json]": ["verify ID --json"],
}
# What runs until it is told to stop, asks the network or rewrites the tree -> who runs it.
ELSEWHERE = {
    "check --deploy": "tests/intellibooks/test_answer_headers.py",
    "demo [FILE] [--speed N] [--url URL]": "tests/test_service.py",
    "loadtest --meetings 64": "tests/test_cluster.py",
    "loadtest --meetings 150 --only --seconds 600": "tests/test_cluster.py",
    "loadtest [--url --token --meetings N --only --seconds S --speech --json]": (
        "tests/test_cluster.py"
    ),
    "serve [--port --host --kill --allow-open]": "tests/intellibooks/serve_process.py",
    "setup_whisper --model small": "tests/transcription/test_setup_whisper.py",
    "setup_whisper [--model NAME --url BASE --dir FOLDER]": (
        "tests/transcription/test_setup_whisper.py"
    ),
    "sweep": "tests/faults/world.py",
    "web": "tests/cluster.py",
    "web [--port --host --drain SECONDS]": "tests/cluster.py",
    "work [live] [pipeline] [--burst]": "tests/intellibooks/test_work.py",
    "work live": "tests/intellibooks/test_work.py",
    "work pipeline": "tests/intellibooks/test_work.py",
}
# These take away what the others want to see.
LAST = ("restore", "purge", "erase")
# `doctor` says by its code that no worker runs beside this test.
CODES = {"doctor": {0, 6}}
KEY = "k1:" + "QUJD" * 10 + "QUI="
KEYS = {"encrypt_media --decrypt": f"off,{KEY}"}

pytestmark = pytest.mark.django_db(transaction=True)


def put_last(written: str) -> tuple[bool, str]:
    return written.split(maxsplit=1)[0] in LAST, written


def find_failure(words: list[str]) -> str:
    """What is wrong with what was typed; empty where nothing is."""
    try:
        call_command(*words)
    except SystemExit as exit:
        if exit.code not in CODES.get(words[0], {0, None}):
            return f"{' '.join(words)}: exit code {exit.code}"
    except Exception as error:  # noqa: BLE001 - all of them are reported at once
        return f"{' '.join(words)}: {error!r}"
    return ""


def test_every_written_command_runs(
    tmp_path: Path, work_off: Callable[[], None], settings: Settings
) -> None:
    (tmp_path / "sounds").mkdir()
    sound, words = tmp_path / "sounds" / "talk.wav", tmp_path / "words.txt"
    sound.write_bytes(cut_sample(1)[0])
    words.write_text("good morning everybody")
    meeting = services.start_meeting(title="Planning")
    send_chunk(meeting, 0, sound.read_bytes())
    services.end_recording(meeting.pk, actor="client")
    work_off()
    recording = services.start_meeting().pk
    places = {
        "recording": recording,
        "folder": tmp_path,
        "sound": sound,
        "sounds": sound.parent,
        "words": words,
    }
    failures = []
    for written in sorted(set(COMMANDS) - ELSEWHERE.keys(), key=put_last):
        settings.MEDIA_ENCRYPTION_KEYS = parse_media_keys(KEYS.get(written, KEY))
        for line in TYPED.get(written, [written]):
            typed = line.replace("/backup/", f"{tmp_path}/").format(**places)
            typed = re.sub(r"\bID\b", meeting.pk, typed)
            typed = typed.replace("FILE.json", f"{tmp_path}/certificate.json")
            failures.append(find_failure(shlex.split(typed)))
            work_off()  # what it asked for
    assert not "\n".join(filter(None, failures))
    checked = ["sha256sum", "--quiet", "-c", *map(str, (tmp_path / "plain").glob("SHA256SUMS-*"))]
    assert start(checked, cwd=tmp_path / "plain").wait() == 0


def test_what_is_run_elsewhere_is_run_there() -> None:
    assert ELSEWHERE.keys() <= set(COMMANDS)
    for written, place in ELSEWHERE.items():
        name = written.split()[0]
        assert re.search(rf"[\"']{name}[\"']", (ROOT / place).read_text()), f"{written}: {place}"


def start(
    words: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """In a group of its own, as a terminal would."""
    program = shutil.which(words[0])
    assert program
    return subprocess.Popen(  # noqa: S603 - a command of our own documents
        [program, *words[1:]],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_make_knows_every_target_with_its_words() -> None:
    for written in MAKES:
        asked = start(["make", "-n", *shlex.split(written)])
        said, _ = asked.communicate()
        assert asked.returncode == 0, f"make {written}: {said}"
        parts = re.findall(r"^bench ARGS=\"?([a-z]+)", written)
        assert set(parts) <= PARTS.keys()


def test_ci_makes_what_takes_minutes() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    made = set(re.findall(r"^\s*(?:[A-Z_]+=\S+ )*.*\bmake ([a-z-]+)", script, re.MULTILINE))
    assert made >= {"lint", "test", "faults", "test-diarization"}


def test_newcomer_runs_it_plays_a_recording_and_ends_it(tmp_path: Path) -> None:
    sound, port = tmp_path / "talk.wav", find_free_port()
    sound.write_bytes(cut_sample(1)[0])
    env = build_env(tmp_path / "var")
    running = start(["make", "run", f"ARGS=--port {port}"], env=env)
    try:
        assert running.stdout
        assert any("is ready" in line for line in running.stdout)
        options = f"{sound} --speed 8 --url http://127.0.0.1:{port}"
        playing = start(["make", "demo", f"ARGS={options}"], env=env)
        said, _ = playing.communicate(timeout=90)
        assert playing.returncode == 0, said
        assert "Summary" in said
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(20)
    assert not list_group(running.pid)


def list_group(leader: int) -> list[psutil.Process]:
    """The processes that are left of what ``make`` began."""
    return [one for one in psutil.process_iter() if find_group(one.pid) == leader]


def find_group(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        return os.getpgid(pid)
    return 0
