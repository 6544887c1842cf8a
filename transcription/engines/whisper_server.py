"""whisper.cpp's HTTP server as a client sees it, and how to start one."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import httpx

from transcription.audio import Audio, encode_wav
from transcription.engines import whisper_model
from transcription.engines.base import Availability, EngineError, Heard, Options
from transcription.engines.whisper_json import read_server_heard

PROGRAM_NAME = "whisper-server"
CONNECT_SECONDS, HEALTH_SECONDS = 3.0, 3.0
RESULT_CAP = 16 * 1024 * 1024
TOO_MANY, SERVER_ERRORS = 429, 500
HTTP_OK = 200


def build_server_command(whisper_cli: str, model: str, *, port: int) -> list[str]:
    """The command line of the whisper-server that stands beside ``whisper_cli``, for this machine
    alone; empty when there is none.
    """
    program = Path(whisper_cli).with_name(PROGRAM_NAME) if whisper_cli else None
    if program is None or not program.is_file() or not os.access(program, os.X_OK):
        return []
    threads = str(whisper_model.count_threads())
    return [str(program), "-m", model, "--host", "127.0.0.1", "--port", str(port), "-t", threads]


def check_server(url: str) -> Availability:
    """Whether a server with a loaded model answers at ``url``."""
    if not url:
        return Availability(False, "Set WHISPER_SERVER_URL to the address of a whisper-server.")
    try:
        answer = httpx.get(f"{url}/health", timeout=HEALTH_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        fix = f"WHISPER_SERVER_URL={url} does not answer ({type(error).__name__}); start it."
        return Availability(False, fix, may_pass=True)
    if answer.status_code != HTTP_OK:
        fix = f"WHISPER_SERVER_URL={url} is not ready: status {answer.status_code}."
        return Availability(False, fix, may_pass=True)
    return Availability(True)


@dataclass(frozen=True, slots=True)
class ServerWish:
    """``positions`` of the encoder to compute, 0 for all."""

    options: Options
    language: str
    positions: int


def ask_server(url: str, audio: Audio, wish: ServerWish, engine: str) -> Heard:
    """What the server heard. Raises EngineError."""
    seconds = whisper_model.choose_timeout(audio)
    try:
        answer = httpx.post(
            f"{url}/inference",
            files={"file": ("sound.wav", encode_wav(whisper_model.lengthen(audio)), "audio/wav")},
            data=_list_fields(wish),
            timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
            trust_env=False,  # it is ours: no proxy in between
        )
    except httpx.TimeoutException as error:
        raise EngineError(f"{engine}: no answer within {seconds:.0f} s", permanent=False) from error
    except httpx.HTTPError as error:
        message = f"{engine}: {url} cannot be reached ({type(error).__name__})"
        raise EngineError(message, permanent=False) from error
    _check_answer(answer, engine)
    return read_server_heard(
        answer.text, audio.duration, want_words=wish.options.want_words, engine=engine
    )


def _list_fields(wish: ServerWish) -> dict[str, str]:
    options = wish.options
    beam = str(whisper_model.choose_beam(options))
    return {
        "response_format": "verbose_json",
        "language": wish.language,
        "prompt": whisper_model.build_prompt(options),
        "temperature": "0.0",
        "temperature_inc": str(whisper_model.choose_temperature_step(options)),
        "beam_size": beam,
        "best_of": beam,
        "audio_ctx": str(wish.positions),
        "no_speech_thold": str(whisper_model.NO_SPEECH),
        "logprob_thold": str(whisper_model.LOG_PROBABILITY),
        "suppress_nst": "true",
        "no_language_probabilities": "true",
    }


def _check_answer(answer: httpx.Response, engine: str) -> None:
    status = answer.status_code
    if status != HTTP_OK:
        is_passing = status == TOO_MANY or status >= SERVER_ERRORS
        said = " ".join(answer.text[:200].split())
        message = f"{engine}: the server answered with status {status}: {said}"
        raise EngineError(message, permanent=not is_passing)
    if len(answer.content) > RESULT_CAP:
        raise EngineError(f"{engine}: the server's result is too large", permanent=True)
    if said := _read_refusal(answer.text):
        raise EngineError(f"{engine}: the server refused: {said}", permanent=True)


def _read_refusal(text: str) -> str:
    """Some versions answer {"error": ...} with status 200."""
    try:
        content = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return ""
    return str(content["error"])[:200] if isinstance(content, dict) and "error" in content else ""
