"""What every way to run Whisper shares: the model file, its languages, its prompt, its threads."""

import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from django.conf import settings

from transcription.audio import SAMPLE_RATE, Audio
from transcription.engines.base import Heard, Options, WishRefused
from transcription.engines.whisper_languages import LANGUAGES

MODEL_MAGIC = b"lmgg"
# whisper.cpp hears nothing in less than a second.
SHORTEST_SOUND_SECONDS = 1.2
# The encoder always computes this much, however short the sound is.
WINDOW_SECONDS = 30.0
# ... unless it is told to compute fewer of its 1500 positions, 50 for each second of sound. What
# others measured (whisper.cpp issues 1855 and 1951, whisper-acft issue 5): with the sound's own
# length and nothing more the decoder may fall into loops, from 64 positions more the errors are
# those of the whole window. Far below 512, what upstream's streaming example takes, loops come
# again: programs that others ship stop at 384 or 512. What fails, fails as a phrase said twice or
# as more words than anybody can say, and such a result is heard again with the whole window.
POSITIONS, POSITIONS_PER_SECOND = 1500, 50
SPARE_POSITIONS, FEWEST_POSITIONS = 64, 448

BEAM_SIZE, NO_SPEECH, LOG_PROBABILITY = 5, 0.6, -1.0
# Three tries at most (0, 0.4, 0.8): with 0.2 there are six, and what cannot be understood costs
# 20 times as much (measured). None at all while people wait.
FINAL_TEMPERATURE_STEP = 0.4

# Half of the decoder's 448 positions; whisper.cpp silently drops what came first.
VOCABULARY_LETTERS, PROMPT_LETTERS = 400, 400

SHORTEST_TIMEOUT_SECONDS = 60.0
TIMEOUT_PER_SECOND = 10.0
BACKGROUND_NICENESS = 10


def find_model_fault(path: str) -> str:
    """What to do about the model file; empty when it looks like one."""
    if not path:
        return (
            "Set WHISPER_MODEL_PATH to a ggml model of whisper.cpp, or run: "
            "python manage.py setup_whisper --model small"
        )
    try:
        with Path(path).open("rb") as file:
            is_model = file.read(len(MODEL_MAGIC)) == MODEL_MAGIC
    except OSError:
        is_model = False
    return "" if is_model else f"WHISPER_MODEL_PATH={path} is no readable ggml model file."


def describe_broken_model(path: str) -> str:
    """One line for a file that begins like a model and cannot be loaded."""
    return (
        f"the model {path} cannot be loaded: it is damaged, cut short or of another version. "
        "Fetch it again with: python manage.py setup_whisper"
    )


def choose_language(engine: str, model: str, options: Options) -> str:
    """The code for Whisper, or "auto". Raises WishRefused for one that the model does not know."""
    wanted = options.base_language
    is_english_only = ".en" in model
    if wanted == "auto":
        return "en" if is_english_only else "auto"
    if wanted not in LANGUAGES:
        fix = f'there is no language "{options.language}"; use a code such as en, de or fr, or auto'
        raise WishRefused(f"{engine}: {fix}")
    if is_english_only and wanted != "en":
        fix = f'the model {model} knows English only, not "{options.language}"'
        raise WishRefused(f"{engine}: {fix}; set WHISPER_MODEL_PATH to one without .en")
    return wanted


def build_prompt(options: Options) -> str:
    """The words to expect, then the end of what was said before; empty without either."""
    names: list[str] = []
    for name in options.vocabulary:
        if sum(map(len, names)) + 2 * len(names) + len(name) <= VOCABULARY_LETTERS:
            names.append(name)
    expected = f"{', '.join(names)}. " if names else ""
    before = options.prompt[-PROMPT_LETTERS:]
    return " ".join(f"{expected}{before}".replace("\0", "").split())


def choose_beam(options: Options) -> int:
    return int(getattr(settings, "WHISPER_BEAM_SIZE", BEAM_SIZE)) if options.is_final else 1


def choose_temperature_step(options: Options) -> float:
    """0: no second try."""
    return FINAL_TEMPERATURE_STEP if options.is_final else 0.0


def choose_audio_context(audio: Audio, options: Options) -> int:
    """Positions of the encoder to compute, 0 for all; fewer only live, where the sound fits.

    WHISPER_AUDIO_CONTEXT says how many; 0: as many as the sound needs, with some to spare.
    """
    wanted = int(getattr(settings, "WHISPER_AUDIO_CONTEXT", 0))
    needed = math.ceil(audio.duration * POSITIONS_PER_SECOND)
    positions = wanted or max(FEWEST_POSITIONS, needed + SPARE_POSITIONS)
    is_worth_it = needed <= positions < POSITIONS
    return positions if is_worth_it and not options.is_final else 0


def hear_twice(
    hear: Callable[[int], Heard], audio: Audio, options: Options, language: str
) -> Heard:
    """What ``hear`` gives with as many positions of the encoder as the sound needs; where that
    leaves doubts, such as a phrase said twice, with all of them.
    """
    positions = choose_audio_context(audio, options)
    heard = hear(positions)
    if positions and heard.is_doubtful:
        heard = hear(0)
    return heard if language == "auto" else replace(heard, language=language)


def lengthen(audio: Audio) -> Audio:
    """With silence at the end where whisper.cpp would hear nothing at all."""
    missing = round((SHORTEST_SOUND_SECONDS - audio.duration) * SAMPLE_RATE)
    return Audio(np.pad(audio.samples, (0, missing))) if missing > 0 else audio


def choose_timeout(audio: Audio) -> float:
    return max(SHORTEST_TIMEOUT_SECONDS, TIMEOUT_PER_SECOND * audio.duration)


def count_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def count_threads() -> int:
    """As configured, but never more than there are cores: beyond them everything is slower."""
    wanted = int(getattr(settings, "WHISPER_THREADS", 0))
    return min(wanted, count_cores()) if wanted else count_cores()
