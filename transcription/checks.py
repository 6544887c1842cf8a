"""Whether speech can be read, heard and told apart by speaker here; nothing leaves the machine."""

import importlib.util
from dataclasses import dataclass
from functools import partial
from importlib import metadata

from django.conf import settings

from intellibooks.checkup.base import Check, Finding, Level, fails, is_off, warns, works
from transcription.diarization.base import AUTO, NONE, choose_diarizer
from transcription.diarization.pyannote import NOT_INSTALLED, TERMS
from transcription.engines.base import ENGINES, EngineError, get_engine, is_available
from transcription.engines.whisper_cli import find_program
from transcription.online_checks import check_deepgram_key, check_hub_token
from transcription.transcribe import current_engine

SETUP_WHISPER = "python manage.py setup_whisper --model small"


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """``setting`` names the engine as wanted once it has a value; empty: it always is."""

    setting: str
    fix: str


PLANS = {
    "whisper_resident": EnginePlan("WHISPER_RESIDENT", SETUP_WHISPER),
    "whisper_cli": EnginePlan("WHISPER_MODEL_PATH", SETUP_WHISPER),
    "deepgram": EnginePlan("DEEPGRAM_API_KEY", "echo DEEPGRAM_API_KEY=... >> .env"),
    "pocketsphinx": EnginePlan("", "pip install -r requirements.txt"),
}


def check_speech() -> Finding:
    """Some engine can work; without one a meeting is recorded and stays without words."""
    engine = current_engine()
    if not engine:
        said = "no engine of SPEECH_ENGINES can work; recording goes on without text"
        return fails(said, advise_engine())
    return works(f"{engine} is in use")


def advise_engine() -> str:
    """What brings the engine to work that should be asked first."""
    return next((PLANS[name].fix for name in settings.SPEECH_ENGINES), "unset SPEECH_ENGINES")


def check_engine(name: str) -> Finding:
    """Ready, set up and broken, or not set up."""
    plan = PLANS[name]
    if name not in settings.SPEECH_ENGINES:
        return is_off("not in SPEECH_ENGINES")
    availability = is_available(name)
    if availability.is_ready:
        return works(describe_engine(name))
    is_wanted = not plan.setting or bool(getattr(settings, plan.setting, ""))
    return (
        warns(availability.fix, plan.fix)
        if is_wanted
        else is_off("not set up (optional)", plan.fix)
    )


def describe_engine(name: str) -> str:
    model = get_engine(name).model
    if name == "whisper_cli":
        return f"{model} with {find_program(settings.WHISPER_PATH)}"
    return model


def check_decoder() -> Finding:
    """What reads WebM, MP3, M4A and the like; it comes with PyAV, no ffmpeg program is needed."""
    if importlib.util.find_spec("av") is None:
        fix = "pip install -r requirements.txt"
        return fails("PyAV is missing: only plain WAV recordings can be read", fix)
    return works(f"PyAV {metadata.version('av')} with FFmpeg's libraries inside")


def check_diarization() -> Finding:
    wanted = settings.DIARIZER
    if wanted == NONE:
        return is_off("DIARIZER is none: everything is said by one speaker")
    try:
        choice = choose_diarizer()
    except EngineError as error:
        return warns(error.message, fix_diarization(error.message))
    if choice.diarizer is None:
        return explain_missing(choice.reason)
    return works(f"{choice.diarizer.name}, {choice.diarizer.model}; sound stays on this machine")


def explain_missing(reason: str) -> Finding:
    """Optional where nobody asked for it; a token or a folder in the settings is asking."""
    is_asked = settings.DIARIZER != AUTO or settings.HF_TOKEN or settings.DIARIZATION_PIPELINE
    fix = fix_diarization(reason)
    return warns(reason, fix) if is_asked else is_off(f"{reason} (optional)", fix)


def fix_diarization(reason: str) -> str:
    if NOT_INSTALLED in reason:
        return "pip install -r requirements-diarization.txt"
    return f"echo HF_TOKEN=hf_... >> .env   # after accepting the terms at {' and '.join(TERMS)}"


CHECKS = (
    Check("speech", check_speech, is_required=True),
    *(Check(name, partial(check_engine, name), seconds=5.0) for name in ENGINES),
    Check("decoder", check_decoder, is_required=True),
    Check("diarization", check_diarization),
    Check("deepgram", check_deepgram_key, Level.ONLINE, seconds=6.0),
    Check("hub_token", check_hub_token, Level.ONLINE, seconds=6.0),
)
