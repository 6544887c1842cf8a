"""Writes a stored recording piece by piece; the formats are in ``flac`` and ``opus``."""

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from transcription.audio import SAMPLE_RATE, Audio


class RecordingWriter:
    """A recording of any length in constant memory; ``path`` appears whole or not at all.

    with FlacWriter(path) as writer:
        writer.write(audio)
    """

    container: ClassVar[str]
    codec: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0
        self._part = path.with_name(path.name + ".part")

    @property
    def duration(self) -> float:
        """Seconds written so far."""
        return self._written / SAMPLE_RATE

    def __enter__(self) -> Self:
        # heavy: only in the worker that stores a recording
        import av  # noqa: PLC0415

        self._new_frame: Any = av.AudioFrame
        self._container: Any = av.open(str(self._part), "w", format=self.container)
        self._stream: Any = self._container.add_stream(
            self.codec, rate=SAMPLE_RATE, layout="mono", **self.settings
        )
        return self

    def write(self, audio: Audio) -> None:
        """Appends 16 kHz sound; nothing for an empty piece."""
        if not len(audio.samples):
            return
        plane = audio.samples.reshape(1, -1)
        frame = self._new_frame.from_ndarray(plane, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        self._container.mux(self._stream.encode(frame))
        self._written += len(audio.samples)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
            self._container.close()
            if kind is None:
                self._publish()
        finally:
            with suppress(FileNotFoundError):
                self._part.unlink()

    def _publish(self) -> None:
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.replace(self.path)
