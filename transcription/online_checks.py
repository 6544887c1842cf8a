"""Whether keys are good, asked of the services that gave them. No sound is sent."""

import os

import httpx
from django.conf import settings

from intellibooks.checkup.base import Finding, is_off, warns, works
from transcription.diarization.pyannote import CONFIG, HUB_PIPELINE, TERMS
from transcription.engines.deepgram import ADDRESS, FIXES

SECONDS = 4.0
HUB = "https://huggingface.co"
UNAUTHORISED, FORBIDDEN, FIRST_REFUSAL = 401, 403, 400


def check_deepgram_key() -> Finding:
    """Lists the account's projects: that costs nothing."""
    if not settings.DEEPGRAM_API_KEY or "deepgram" not in settings.SPEECH_ENGINES:
        return is_off("not set up (optional)", "echo DEEPGRAM_API_KEY=... >> .env")
    address = f"{(settings.DEEPGRAM_BASE_URL or ADDRESS).rstrip('/')}/v1/projects"
    try:
        status = ask(address, f"Token {settings.DEEPGRAM_API_KEY}")
    except httpx.HTTPError as error:
        return warns(f"{address} cannot be reached: {type(error).__name__}", f"curl -I {address}")
    if status == FORBIDDEN:
        return works("answers; the key may not list projects, which we do not need")
    if status >= FIRST_REFUSAL:
        why = FIXES.get(status, f"it answered with status {status}")
        return warns(f"refused: {why}", "echo DEEPGRAM_API_KEY=... >> .env")
    return works(f"{settings.DEEPGRAM_MODEL}: the key is accepted")


def check_hub_token() -> Finding:
    """Asks for the smallest file behind the terms of the pipeline that tells speakers apart."""
    if not settings.HF_TOKEN:
        return is_off("HF_TOKEN is not set (optional)", "echo HF_TOKEN=hf_... >> .env")
    hub = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    try:
        status = ask(f"{hub}/{HUB_PIPELINE}/resolve/main/{CONFIG}", f"Bearer {settings.HF_TOKEN}")
    except httpx.HTTPError as error:
        fix = "echo DIARIZATION_PIPELINE=/path/to/a/pipeline >> .env"
        return warns(f"{hub} cannot be reached: {type(error).__name__}", fix)
    if status == UNAUTHORISED:
        return warns("the token is wrong or has expired", "echo HF_TOKEN=hf_... >> .env")
    if status == FORBIDDEN:
        return warns(
            "the terms are not accepted, or the token may not read gated repositories",
            f"open {TERMS[0]} {TERMS[1]}   # accept both with the account of HF_TOKEN",
        )
    if status >= FIRST_REFUSAL:
        return warns(f"{hub} answered with status {status}", f"curl -I {hub}")
    return works(f"{HUB_PIPELINE} may be read")


def ask(address: str, authorization: str) -> int:
    """The status of the answer. A redirect is not followed: a key must not go to another host."""
    headers = {"Authorization": authorization}
    return httpx.get(address, headers=headers, timeout=SECONDS).status_code
