"""The stored recording as FLAC: lossless at about half the size."""

from typing import ClassVar

from transcription.writer import RecordingWriter


class FlacWriter(RecordingWriter):
    """Gives back every sample bit by bit."""

    container: ClassVar[str] = "flac"
    codec: ClassVar[str] = "flac"
