"""The command in a process of its own, on machines that are fresh or broken."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

EMPTY = {"DATABASE_URL": "", "REDIS_URL": "", "PORT": "8977"}
SECRETS = {
    "SECRET_KEY": "hush-secret-key-that-is-long-enough-to-be-one",
    "DEEPGRAM_API_KEY": "hush-deepgram",
    "HF_TOKEN": "hush-hub",
    "LLM_API_KEY": "hush-llm",
    "LLM_BASE_URL": "http://someone:hush-url@127.0.0.1:9/v1",
    "LLM_MODEL": "small",
    "REDIS_URL": "redis://someone:hush-redis@127.0.0.1:1/0",
    "AGENT_SERVICE_URL": "http://someone:hush-agent@127.0.0.1:9",
}


def run_doctor(data_dir: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **EMPTY, **variables, "DATA_DIR": str(data_dir)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "doctor", *words],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def read_checks(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_fresh_machine_is_found_well_with_a_real_sentence(tmp_path: Path) -> None:
    done = run_doctor(tmp_path, "--json")
    checks = read_checks(done)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pocketsphinx understood the test sentence" in checks["speech"]["found"]
    assert checks["decoder"]["found"].startswith("read 139 s of Opus")
    assert all(check["fix"] for check in checks.values() if check["state"] == "off")


def test_broken_settings_end_with_6_and_a_line_to_type_and_no_secret(tmp_path: Path) -> None:
    done = run_doctor(
        tmp_path, **SECRETS, WHISPER_MODEL_PATH="/nowhere.bin", SPEECH_ENGINES="whisper_cli"
    )
    assert done.returncode == 6
    assert "✗ redis" in done.stdout
    assert "✗ speech" in done.stdout
    assert "fix: python manage.py setup_whisper" in done.stdout
    assert "to mend: redis, workers, speech" in done.stdout
    assert "hush" not in done.stdout + done.stderr


def test_online_and_quick_contradict_each_other() -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("doctor", "--quick", "--online")
