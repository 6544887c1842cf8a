"""What a stage was made from, as a short text: the same digest, and it need not run again."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from transcription.types import Segment, Transcript


def digest_transcript(transcript: Transcript) -> str:
    """SHA-256 over who said what, segment by segment.

    Times are left out: pocketsphinx moves a word by 20 ms from one hearing of the same sound to
    the next, and an analysis would only repeat itself.
    """
    said = [[part.speaker, part.text] for part in transcript.segments]
    return digest([transcript.language, said])


def digest_voices(
    recording_sha256: str, speakers_expected: int | None, engine: str, heard: Sequence[Segment]
) -> str:
    """SHA-256 over what speakers are told apart by.

    Speakers that ``engine`` named itself are part of it; another text alone is not, because a
    diarizer listens to the recording.
    """
    named = [[part.start, part.end, part.speaker] for part in heard if part.speaker]
    return digest([recording_sha256, speakers_expected, [engine, named] if named else None])


def digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
