"""A diarizer that hears what a test says: it stands in for one that needs gigabytes."""

from typing import ClassVar

from transcription.audio import Audio
from transcription.diarization.base import ANY_COUNT, SpeakerCount
from transcription.engines.base import Availability, EngineError
from transcription.types import SpeakerTurn


class ScriptedDiarizer:
    name = "scripted"
    model = "script"
    turns: ClassVar[list[SpeakerTurn]] = []
    problem: ClassVar[str] = ""
    heard_seconds: ClassVar[list[float]] = []

    def check(self) -> Availability:
        return Availability(True)

    def diarize(self, audio: Audio, count: SpeakerCount = ANY_COUNT) -> list[SpeakerTurn]:
        self.heard_seconds.append(audio.duration)
        if self.problem:
            raise EngineError(self.problem, permanent=False)
        return list(self.turns)

    def prepare(self) -> None:
        pass

    def close(self) -> None:
        pass
