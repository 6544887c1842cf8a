"""Sound as the service knows it: 16 kHz mono PCM16, made from whatever was uploaded."""

import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from intellibooks.errors import DomainError
from transcription import decode_process, wav
from transcription.contained import Outcome, run_contained

logger = logging.getLogger(__name__)

SAMPLE_RATE, SAMPLE_BYTES = decode_process.SAMPLE_RATE, decode_process.SAMPLE_BYTES
MAX_UPLOAD_SECONDS = 15 * 60.0
MEBIBYTE = 1024 * 1024
DECODER = str(Path(decode_process.__file__))

REFUSALS = {
    decode_process.UNREADABLE: (
        "This is not a sound file that can be read. Send a complete WAV, WebM, Ogg, MP3, M4A or "
        "FLAC file; a piece cut out of the middle of one has no header and cannot be decoded."
    ),
    decode_process.NO_AUDIO: (
        "There is no sound in this file. Check that the microphone was on, and record again."
    ),
}

Samples = npt.NDArray[np.int16]


class AudioError(DomainError):
    """The audio cannot be used; the sentence says why and what to do."""

    code: ClassVar[str] = "bad_audio"
    detail: ClassVar[str] = "Audio could not be read"


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono sound: ``samples`` of shape (n,), int16, at ``sample_rate`` a second."""

    samples: Samples
    sample_rate: int = SAMPLE_RATE

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def slice(self, start: float, end: float) -> "Audio":
        """The part between two seconds, without a copy; beyond the ends there is nothing."""
        first, last = (max(0, round(second * self.sample_rate)) for second in (start, end))
        return Audio(self.samples[first:last], self.sample_rate)


def decode(data: bytes, max_seconds: float = MAX_UPLOAD_SECONDS) -> Audio:
    """The sound of an uploaded file of any supported format.

    Raises AudioError for bytes that are no sound, and for more than ``max_seconds`` of it.
    """
    if not data:
        raise AudioError("The file is empty. Check that the microphone was on, and record again.")
    audio = _read_plain_wav(data, max_seconds) or _decode_contained(data, max_seconds)
    if not len(audio.samples):
        raise AudioError(REFUSALS[decode_process.NO_AUDIO])
    return audio


def read_wav_duration(data: bytes) -> float | None:
    """Seconds of sound in a WAV file by its header and size; None for any other bytes."""
    layout = wav.read_layout(data)
    return layout.duration if layout else None


def join(parts: Iterable[Audio]) -> Audio:
    """The parts one after another."""
    samples = [part.samples for part in parts]
    return Audio(np.concatenate(samples) if samples else np.zeros(0, np.int16))


def encode_wav(audio: Audio) -> bytes:
    """A 16-bit mono WAV file."""
    return wav.encode_pcm16(audio.samples.astype("<i2").tobytes(), audio.sample_rate)


def _read_plain_wav(data: bytes, max_seconds: float) -> Audio | None:
    """16 kHz mono PCM16, what our own recorder sends: no process, some 0.1 ms for 10 s."""
    layout = wav.read_layout(data)
    if layout is None:
        return None
    written = (layout.encoding, layout.channels, layout.sample_rate, layout.bits)
    if written != (wav.PCM, 1, SAMPLE_RATE, 16) or layout.frame_bytes != SAMPLE_BYTES:
        return None
    if layout.duration > max_seconds:
        raise build_length_error(max_seconds)
    count = (layout.end - layout.start) // SAMPLE_BYTES
    samples = np.frombuffer(data, "<i2", count, layout.start)
    return Audio(samples.astype(np.int16, copy=False))


def _decode_contained(data: bytes, max_seconds: float) -> Audio:
    outcome = run_contained(
        [sys.executable, "-I", DECODER, str(max_seconds)],
        stdin=data,
        timeout=30 + max_seconds / 5,
        output_cap=round(max_seconds * SAMPLE_RATE) * SAMPLE_BYTES,
        limits={
            "RLIMIT_CPU": round(10 + max_seconds / 30),
            "RLIMIT_AS": 1024 * MEBIBYTE + 3 * len(data),
            "RLIMIT_FSIZE": 64 * 1024,  # its complaints; it writes nothing else
            "RLIMIT_NPROC": 0,
            "RLIMIT_CORE": 0,
        },
    )
    _check(outcome, max_seconds)
    count = len(outcome.output) // SAMPLE_BYTES
    return Audio(np.frombuffer(outcome.output, np.int16, count))


def _check(outcome: Outcome, max_seconds: float) -> None:
    if outcome.overflowed or outcome.timed_out or outcome.returncode == decode_process.TOO_LONG:
        raise build_length_error(max_seconds)
    if outcome.returncode in REFUSALS:
        raise AudioError(REFUSALS[outcome.returncode])
    if outcome.returncode:
        logger.warning("the decoder died with %d: %s", outcome.returncode, outcome.complaint[-300:])
        raise AudioError(REFUSALS[decode_process.UNREADABLE])


def build_length_error(max_seconds: float) -> AudioError:
    """What to raise for more sound than is allowed."""
    minutes, seconds = divmod(max_seconds, 60)
    limit = f"{max_seconds:g} seconds" if seconds else f"{minutes:.0f} minutes"
    return AudioError(f"The sound is longer than {limit}. Send it in shorter pieces.")
