"""Whether a meeting can be heard and understood here: the first words of the sample, really."""

import socket
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from intellibooks.checkup.base import Check, Finding, Level, fails, is_off, warns, works
from meetings.encryption.checkup import CHECKS as ENCRYPTION_CHECKS
from meetings.sample_views import SAMPLE
from transcription.audio import Audio, decode
from transcription.checks import advise_engine
from transcription.engines.base import EngineError, Options, is_available
from transcription.scoring import normalise_words
from transcription.transcribe import current_engine, transcribe

SENTENCE = "Good morning everyone, and welcome to the weekly team meeting."
SENTENCE_SECONDS = 4.75
# A word may be misheard; an engine that works hears most of them.
LEAST_SHARE = 0.6
LOCAL_ENGINES = ("whisper_resident", "whisper_cli", "pocketsphinx")
CONNECT_SECONDS, ANSWER_SECONDS = 1.5, 4.0
FIRST_REFUSAL = 400
# A large model on a slow machine; the embedded engine takes half a second.
SENTENCE_LIMIT_SECONDS = 60.0


def check_decoding() -> Finding:
    """Reads an Ogg file as it reads what browsers record."""
    started = time.monotonic()
    audio = decode(SAMPLE.read_bytes())
    return works(f"read {audio.duration:.0f} s of Opus in {time.monotonic() - started:.1f} s")


def check_hearing() -> Finding:
    """The local engines in their order hear a sentence, until one understands it."""
    audio = decode(SAMPLE.read_bytes()).slice(0, SENTENCE_SECONDS)
    failures: list[str] = []
    for name in list_local_engines():
        started = time.monotonic()
        if failure := explain_mishearing(name, audio):
            failures.append(failure)
            continue
        said = f"{name} understood the test sentence in {time.monotonic() - started:.1f} s"
        return warns("; ".join(failures), found=said) if failures else works(said)
    if failures:
        return fails("; ".join(failures), advise_engine())
    if current_engine():
        return works(f"{current_engine()} alone, which is not asked without need")
    return fails("no engine of SPEECH_ENGINES can work", advise_engine())


def list_local_engines() -> Sequence[str]:
    wanted = [name for name in settings.SPEECH_ENGINES if name in LOCAL_ENGINES]
    return [name for name in wanted if is_available(name).is_ready]


def explain_mishearing(name: str, audio: Audio) -> str:
    """What is wrong with what it hears; empty where nothing is."""
    try:
        transcript = transcribe(audio, Options(language="en"), [name])
    except EngineError as error:
        return error.message
    heard = normalise_words(" ".join(segment.text for segment in transcript.segments))
    expected = normalise_words(SENTENCE)
    share = sum(word in heard for word in expected) / len(expected)
    return "" if share >= LEAST_SHARE else f'{name} heard "{" ".join(heard)}" in "{SENTENCE}"'


def check_llm() -> Finding:
    """Set up as a whole or not at all; who answers is asked by the deeper looks."""
    if "llm" not in settings.ANALYSIS_BACKENDS:
        return is_off("not in ANALYSIS_BACKENDS")
    if not settings.LLM_BASE_URL and not settings.LLM_MODEL:
        return is_off(
            "not set up (optional)", "echo LLM_BASE_URL=http://127.0.0.1:11434/v1 >> .env"
        )
    if not settings.LLM_BASE_URL or not settings.LLM_MODEL:
        missing = "LLM_MODEL" if settings.LLM_BASE_URL else "LLM_BASE_URL"
        return warns(f"{missing} is not set, so it is not used", f"echo {missing}=... >> .env")
    return works(f"{settings.LLM_MODEL} at {name_host(settings.LLM_BASE_URL)}")


def check_agent() -> Finding:
    if "agent" not in settings.ANALYSIS_BACKENDS:
        return is_off("not in ANALYSIS_BACKENDS")
    if not settings.AGENT_SERVICE_URL:
        return is_off("not set up (optional)", "echo AGENT_SERVICE_URL=http://... >> .env")
    return works(name_host(settings.AGENT_SERVICE_URL))


def check_llm_port() -> Finding:
    finding = check_llm()
    return knock(settings.LLM_BASE_URL, finding) if finding.state == "ok" else finding


def check_agent_port() -> Finding:
    finding = check_agent()
    return knock(settings.AGENT_SERVICE_URL, finding) if finding.state == "ok" else finding


def check_llm_model() -> Finding:
    """Asks for the list of models, with the key."""
    finding = check_llm_port()
    if finding.state != "ok":
        return finding
    address = f"{settings.LLM_BASE_URL.rstrip('/')}/models"
    key = settings.LLM_API_KEY
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(address, headers=headers, timeout=ANSWER_SECONDS)
    except httpx.HTTPError as error:
        return warns(f"{finding.found}: no list of models ({type(error).__name__})")
    if answer.status_code >= FIRST_REFUSAL:
        said = f"{finding.found} answered with status {answer.status_code}"
        return warns(said, "echo LLM_API_KEY=... >> .env")
    if not lists_model(answer, settings.LLM_MODEL):
        return warns(f"{finding.found}: it does not list this model", "echo LLM_MODEL=... >> .env")
    return works(f"{finding.found}, and lists it")


def lists_model(answer: httpx.Response, wanted: str) -> bool:
    """Whether the model is among them, by its name or, as Ollama has it, by ``name:tag``.

    A list that is none proves nothing: such a server may serve the model all the same.
    """
    try:
        names = [str(entry["id"]) for entry in answer.json()["data"]]
    except (ValueError, TypeError, KeyError):
        return True
    return any(name == wanted or name.startswith(f"{wanted}:") for name in names)


def knock(url: str, finding: Finding) -> Finding:
    """Whether something listens there; nothing is sent."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS).close()
    except OSError as error:
        said = f"{name_host(url)} cannot be reached ({error.strerror or type(error).__name__})"
        instead = "meetings are analysed by our own rules instead"
        return warns(f"{said}; {instead}", f"curl -sS -I {parts.scheme}://{name_host(url)}")
    return finding


def name_host(url: str) -> str:
    """Host and port, without the name and password that a URL may carry."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"


CHECKS = (
    Check("decoder", check_decoding, Level.THOROUGH, is_required=True, seconds=20.0),
    Check(
        "speech", check_hearing, Level.THOROUGH, is_required=True, seconds=SENTENCE_LIMIT_SECONDS
    ),
    Check("llm", check_llm),
    Check("agent", check_agent),
    Check("llm", check_llm_port, Level.THOROUGH, seconds=3.0),
    Check("agent", check_agent_port, Level.THOROUGH, seconds=3.0),
    Check("llm", check_llm_model, Level.ONLINE, seconds=8.0),
    *ENCRYPTION_CHECKS,
)
