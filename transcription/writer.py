"""Writes a stored recording piece by piece; the formats are in ``flac`` and ``opus``."""

import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Self, cast

from transcription.audio import SAMPLE_RATE, Audio


class RecordingWriter:
    """A recording of any length in constant memory; a path appears whole or not at all.

    An open file is written from its beginning and stays open.

    with FlacWriter(path) as writer:
        writer.write(audio)
    """

    container: ClassVar[str]
    codec: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, target: Path | IO[bytes]) -> None:
        self._written = 0
        self._target = target
        self._part: Path | None = None
        if isinstance(target, Path):
            self._part = target.with_name(target.name + ".part")

    @property
    def duration(self) -> float:
        """Seconds written so far."""
        return self._written / SAMPLE_RATE

    def __enter__(self) -> Self:
        # heavy: only in the worker that stores a recording
        import av  # noqa: PLC0415

        self._new_frame: Any = av.AudioFrame
        self._container: Any = av.open(
            str(self._part) if self._part else self._target, "w", format=self.container
        )
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
            if kind is None and self._part:
                self._publish(self._part)
        finally:
            if self._part:
                self._part.unlink(missing_ok=True)

    def _publish(self, part: Path) -> None:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(cast(Path, self._target))
