"""Plays a recording to the service the way the recorder of the frontend sends it."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from meetings.demo.live_text import LiveText
from meetings.demo.service import DemoError, Room, Service
from meetings.demo.wording import format_time
from transcription.audio import SAMPLE_RATE, Audio, encode_wav

CHUNK_SAMPLES = 163_840  # 10.24 s, what the frontend's recorder sends
POLL_SECONDS = 0.5
LAST_FRAMES_SECONDS = 2.0  # the frames of a completion and its status are not sent in one order
WAIT_SECONDS, WAIT_PER_SECOND = 60.0, 4.0  # a queue before ours; an engine slower than speech
PROMISED = ("summary", "key_points", "action_items", "keywords", "mood", "agenda", "metrics")


class Stage(Protocol):
    """Where the performance can be watched."""

    def show_words(self, seconds: float, text: str) -> None: ...

    def show_progress(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service made of the recording."""

    session_id: str
    chunks_sent: int
    live_text: str
    transcript: dict[str, Any]
    metadata: dict[str, Any]
    seconds_after_stop: float


class Player:
    """One performance. ``session_id`` is set from the start on, ``is_recording`` until the stop."""

    def __init__(self, service: Service, audio: Audio, speed: float, stage: Stage) -> None:
        self.service = service
        self.audio = audio
        self.speed = speed
        self.stage = stage
        self.live = LiveText()
        self.session_id = ""
        self.is_recording = False

    def play(self) -> Outcome:
        """Raises DemoError; whatever goes wrong while recording, the meeting is stopped."""
        self.session_id = self.service.start()
        self.is_recording = True
        try:
            with self.service.open_room(self.session_id) as room:
                return self.play_to(room)
        except DemoError:
            with suppress(DemoError):  # the first failure is the one to tell
                self.stop_if_recording()
            raise
        except KeyboardInterrupt:
            state = "was stopped" if self.stop_if_recording() else "is being processed"
            raise KeyboardInterrupt(f"Interrupted; meeting {self.session_id} {state}.") from None

    def play_to(self, room: Room) -> Outcome:
        # The recorder hangs up before its last chunk; we stay to see the rest of the text.
        sent = self.send_chunks(room)
        self.stop()
        stopped = time.monotonic()
        self.wait_for_completion(room)
        seconds = time.monotonic() - stopped
        transcript = self.service.read(self.session_id, "transcript")
        self.listen_for_last_words(room, str(transcript.get("transcript") or ""))
        metadata = self.service.read(self.session_id, "metadata")
        return Outcome(self.session_id, sent, self.live.text, transcript, metadata, seconds)

    def stop(self) -> None:
        self.service.stop(self.session_id)
        self.is_recording = False

    def stop_if_recording(self) -> bool:
        """Whether there was something to stop."""
        if was_recording := self.is_recording:
            self.stop()
        return was_recording

    def send_chunks(self, room: Room) -> int:
        """One after another, each when it would have been recorded. How many."""
        began, sent = time.monotonic(), 0
        for index, part in enumerate(cut_chunks(self.audio)):
            end = min((index + 1) * CHUNK_SAMPLES / SAMPLE_RATE, self.audio.duration)
            self.listen_until(room, began, end)
            self.service.send_chunk(self.session_id, index, encode_wav(part))
            sent += 1
        return sent

    def listen_until(self, room: Room, began: float, second: float) -> None:
        """Show what arrives until that second of the meeting is recorded."""
        while self.speed and (ahead := began + second / self.speed - time.monotonic()) > 0:
            position = second - ahead * self.speed
            self.stage.show_progress(
                f"Recording {format_time(position)} of {format_time(self.audio.duration)}"
            )
            self.listen(room, min(ahead, POLL_SECONDS), position)
        self.listen(room, 0.0, second)

    def listen(self, room: Room, seconds: float, position: float) -> None:
        for frame in room.listen(seconds):
            for line in self.live.take(frame, position):
                self.stage.show_words(line.seconds, line.text)

    def wait_for_completion(self, room: Room) -> None:
        """Raises DemoError when the meeting fails, or takes far longer than it may."""
        limit = WAIT_SECONDS + WAIT_PER_SECOND * self.audio.duration
        deadline = time.monotonic() + limit
        while True:
            status = self.service.read(self.session_id, "status")
            if status.get("status") == "completed":
                return
            self.refuse_dead_end(status)
            if time.monotonic() > deadline:
                raise DemoError(
                    f"No results {format_time(limit)} after the stop: {describe_status(status)}. "
                    f"Does a worker run? See {self.service.url}/api/ready."
                )
            self.stage.show_progress(describe_status(status))
            self.listen(room, POLL_SECONDS, self.audio.duration)

    def refuse_dead_end(self, status: dict[str, Any]) -> None:
        state = status.get("status")
        if state != "processing":
            reason = (status.get("processing_state") or {}).get("error") or "no reason is given"
            raise DemoError(f"The meeting ended as {state}: {str(reason).rstrip('.')}.")

    def listen_for_last_words(self, room: Room, transcript: str) -> None:
        deadline = time.monotonic() + LAST_FRAMES_SECONDS
        while self.live.text != transcript and time.monotonic() < deadline:
            self.listen(room, 0.1, self.audio.duration)


def cut_chunks(audio: Audio) -> Iterator[Audio]:
    for first in range(0, len(audio.samples), CHUNK_SAMPLES):
        yield Audio(audio.samples[first : first + CHUNK_SAMPLES], audio.sample_rate)


def describe_status(status: dict[str, Any]) -> str:
    """``Processing: 13 of 14 chunks transcribed, stage summary``."""
    stage = (status.get("processing_state") or {}).get("stage")
    chunks = f"{status.get('chunks_processed')} of {status.get('total_chunks')} chunks transcribed"
    return f"Processing: {chunks}" + (f", stage {stage}" if stage else "")


def find_faults(outcome: Outcome) -> list[str]:
    """What did not work although there is a result, a sentence each."""
    faults = []
    processed = outcome.transcript.get("chunks_processed")
    if processed != outcome.chunks_sent:
        faults.append(f"Only {processed} of {outcome.chunks_sent} chunks were transcribed.")
    if outcome.transcript.get("transcript") and not outcome.live_text:
        faults.append("Speech was recognised, but none of it came over the WebSocket.")
    if failed := outcome.metadata.get("failed_stages"):
        faults.append(f"Stages that failed: {', '.join(map(str, failed))}.")
    missing = [name for name in PROMISED if name not in outcome.metadata]
    if missing:
        faults.append(f"The metadata lacks {', '.join(missing)}.")
    return faults
