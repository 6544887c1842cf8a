"""A local HTTP server answers in the shapes of whisper.cpp's whisper-server."""

from pathlib import Path
from typing import Any

import pytest

from tests.transcription.engines.answering_server import AnsweringServer, Reply
from tests.transcription.sounds import load_speech
from transcription.engines import whisper_model
from transcription.engines.base import EngineError, Heard, Options
from transcription.engines.whisper_resident import WhisperResident
from transcription.engines.whisper_server import build_server_command
from transcription.types import Segment, Word

SPEECH = load_speech()[0].slice(0, 4)
READY = Reply(body={"status": "ok"})


def write_word(text: str, start: float, end: float, probability: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, "t_dtw": -1, "probability": probability}


def write_answer(**changes: Any) -> dict[str, Any]:
    segment = {
        "id": 0,
        "text": " Guten Morgen.",
        "start": 0.0,
        "end": 1.2,
        "tokens": [1, 2, 3],
        "words": [
            write_word(" Gut", 0.0, 0.3, 0.8),
            write_word("en", 0.3, 0.5, 0.6),
            write_word(" Morgen", 0.5, 1.1, 0.9),
            write_word(".", 1.1, 1.2, 0.9),
        ],
        "temperature": 0.0,
        "avg_logprob": -0.2,
        "no_speech_prob": 0.01,
        **changes,
    }
    return {
        "task": "transcribe",
        "language": "german",
        "duration": 4.0,
        "text": segment["text"],
        "segments": [segment],
    }


@pytest.fixture
def engine(server: AnsweringServer) -> WhisperResident:
    server.replies = [READY, Reply(body=write_answer())]
    return WhisperResident("server", "", f"{server.url}/")


def fail(engine: WhisperResident) -> EngineError:
    with pytest.raises(EngineError) as failure:
        engine.transcribe(SPEECH, Options())
    assert failure.value.message.startswith("whisper_resident")
    return failure.value


def test_segments_of_the_server_are_read(engine: WhisperResident) -> None:
    words = (Word("Guten", 0.0, 0.5, 0.7), Word("Morgen.", 0.5, 1.2, 0.9))
    assert engine.transcribe(SPEECH, Options(language="auto")) == Heard(
        (Segment(0.0, 1.2, "Guten Morgen.", 0.8, words),), "de"
    )


def test_wishes_reach_the_server(engine: WhisperResident, server: AnsweringServer) -> None:
    options = Options(language="de-AT", prompt="So far.", vocabulary=("Anna", "Zo\u00eb"))
    engine.transcribe(SPEECH, options)
    health, inference = server.requests
    assert (health.path, inference.path) == ("/health", "/inference")
    body = inference.body.decode(errors="replace")
    fields = dict(
        part.split('name="', 1)[1].split('"\r\n\r\n', 1)
        for part in body.split("--" + body[2:34])
        if 'name="' in part and "filename" not in part
    )
    sent = {name: value.removesuffix("\r\n") for name, value in fields.items()}
    assert sent["language"] == "de"
    assert sent["prompt"] == "Anna, Zo\u00eb. So far."
    assert (sent["response_format"], sent["temperature_inc"]) == ("verbose_json", "0.0")
    assert 'filename="sound.wav"' in body


def test_silence_by_the_servers_own_doubt_has_no_text(
    engine: WhisperResident, server: AnsweringServer
) -> None:
    server.replies = [READY, Reply(body=write_answer(no_speech_prob=0.9, avg_logprob=-1.2))]
    assert engine.transcribe(SPEECH, Options()).segments == ()


def test_server_that_is_away_may_come_back() -> None:
    engine = WhisperResident("server", "", "http://127.0.0.1:9")
    availability = engine.check()
    assert (availability.is_ready, availability.may_pass) == (False, True)
    assert "WHISPER_SERVER_URL=http://127.0.0.1:9 does not answer" in availability.fix
    assert not fail(engine).permanent


def test_server_that_still_loads_may_come_back(server: AnsweringServer) -> None:
    server.replies = [Reply(503, {"status": "loading model"})]
    engine = WhisperResident("server", "", server.url)
    assert "is not ready: status 503" in engine.check().fix
    assert not fail(engine).permanent


@pytest.mark.parametrize(
    ("reply", "is_permanent"),
    [
        (Reply(400, "Invalid request", kind="text/plain"), True),
        (Reply(200, {"error": "failed to read audio data"}), True),
        (Reply(200, "no JSON"), True),
        (Reply(200, {"text": "no segments"}), True),
        (Reply(200, write_answer(start=None)), True),
        (Reply(500, {"error": "failed to process audio"}), False),
        (Reply(503, "busy", kind="text/plain"), False),
    ],
)
def test_bad_answers_are_failures(
    engine: WhisperResident, server: AnsweringServer, reply: Reply, is_permanent: bool
) -> None:
    server.replies = [READY, reply]
    assert fail(engine).permanent == is_permanent


def test_slow_server_is_not_waited_for(
    engine: WhisperResident, server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_model, "SHORTEST_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(whisper_model, "TIMEOUT_PER_SECOND", 0.0)
    server.replies = [READY, Reply(seconds=1.5)]
    failure = fail(engine)
    assert "no answer within" in failure.message
    assert not failure.permanent


def test_missing_address_says_what_to_set() -> None:
    assert "Set WHISPER_SERVER_URL" in WhisperResident("server", "", "").check().fix


def test_server_beside_the_program_can_be_started(tmp_path: Path) -> None:
    cli, server = tmp_path / "whisper-cli", tmp_path / "whisper-server"
    assert build_server_command(str(cli), "/models/ggml.bin", port=8178) == []
    server.touch()
    assert build_server_command(str(cli), "/models/ggml.bin", port=8178) == []  # cannot run
    server.chmod(0o755)
    command = build_server_command(str(cli), "/models/ggml.bin", port=8178)
    threads = str(whisper_model.count_threads())
    assert command == [
        *(str(server), "-m", "/models/ggml.bin"),
        *("--host", "127.0.0.1", "--port", "8178", "-t", threads),
    ]
    assert build_server_command("", "/models/ggml.bin", port=8178) == []
