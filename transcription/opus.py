"""The stored recording as Ogg/Opus: 14 MB an hour, for listening."""

from typing import Any, ClassVar

from transcription.writer import RecordingWriter

BITS_PER_SECOND = 32_000  # speech at 16 kHz is transparent from about 24 kbit/s on


class OpusWriter(RecordingWriter):
    """Keeps the length to the sample and the sound for the ear, not for arithmetic."""

    container: ClassVar[str] = "ogg"
    codec: ClassVar[str] = "libopus"
    settings: ClassVar[dict[str, Any]] = {"bit_rate": BITS_PER_SECOND}
