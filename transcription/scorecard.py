"""Engines held against what was really said in a recording."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transcription.audio import Audio
from transcription.engines.base import Options
from transcription.scoring import (
    CharacterErrors,
    SpeakerErrors,
    WordErrors,
    cer,
    der,
    normalise_words,
    rtf,
    wer,
)
from transcription.transcribe import transcribe
from transcription.transcribe_long import transcribe_long
from transcription.types import Segment, SpeakerTurn, Transcript

COLLAR_SECONDS = 0.25  # as NIST's evaluations: nobody marks the start of a turn to the frame


class BadReference(Exception):
    """The reference cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What was said, by whom and when; ``turns`` is empty where nobody wrote it down."""

    text: str
    turns: tuple[SpeakerTurn, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Score:
    """One engine's result; ``speakers`` is None where the reference or the engine names none."""

    engine: str
    model: str
    words: WordErrors
    characters: CharacterErrors
    speakers: SpeakerErrors | None
    rtf: float
    work_seconds: float


def read_reference(path: Path) -> Reference:
    """A text file, or JSON with ``utterances`` (text; start, end, speaker) or ``text``.

    Raises BadReference.
    """
    try:
        content = path.read_text(encoding="utf-8")
        found = read_json(content) if path.suffix.lower() == ".json" else Reference(content)
    except OSError as error:
        raise BadReference(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadReference(f"{path} is not UTF-8 text.") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        wanted = '"utterances" that have "text", or "text"'
        raise BadReference(f"{path} must be JSON with {wanted}.") from error
    if not normalise_words(found.text):
        raise BadReference(f"{path} has no words.")
    return found


def read_json(content: str) -> Reference:
    found = json.loads(content)
    language = str(found.get("language") or "en")
    if "utterances" not in found:
        return Reference(str(found["text"]), (), language)
    utterances = found["utterances"]
    text = " ".join(str(utterance["text"]) for utterance in utterances)
    return Reference(text, tuple(list_spoken_turns(utterances)), language)


def list_spoken_turns(utterances: Iterable[dict[str, Any]]) -> Iterable[SpeakerTurn]:
    for utterance in utterances:
        if {"speaker", "start", "end"} <= utterance.keys():
            start, end = float(utterance["start"]), float(utterance["end"])
            yield SpeakerTurn(start, end, str(utterance["speaker"]))


def score_engine(name: str, audio: Audio, reference: Reference, options: Options) -> Score:
    """One run over the recording: in one call, or as at a meeting's end if ``options.is_final``.

    Raises EngineError.
    """
    if options.is_final:
        return compare(name, transcribe_long([audio], options, [name]), reference)
    return compare(name, transcribe(audio, options, [name]), reference)


def compare(name: str, transcript: Transcript, reference: Reference) -> Score:
    heard = list_heard_turns(transcript.segments)
    speakers = der(reference.turns, heard, COLLAR_SECONDS) if reference.turns and heard else None
    return Score(
        engine=name,
        model=transcript.model,
        words=wer(reference.text, transcript.text),
        characters=cer(reference.text, transcript.text),
        speakers=speakers,
        rtf=rtf(transcript.work_seconds, transcript.duration),
        work_seconds=transcript.work_seconds,
    )


def list_heard_turns(segments: Iterable[Segment]) -> list[SpeakerTurn]:
    return [
        SpeakerTurn(segment.start, segment.end, segment.speaker)
        for segment in segments
        if segment.speaker is not None
    ]
