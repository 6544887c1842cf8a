"""Stop, watchdog, late chunk and a running pipeline at once, over and over, on the real database.

Each round lets threads go together with small random delays, then compares what the callers were
told with what the rows say: every ending has its transition and its event, and every chunk that
was answered is in the recording in the end.
"""

import hashlib
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import av
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from chat.models import Event
from meetings import ingest, media, pipeline, services
from meetings.errors import MeetingNotRecording
from meetings.leases import seconds_from_now
from meetings.models import Meeting, Transition
from tests.faults.proof import hash_pcm
from tests.faults.sounds import encode, make_tones
from tests.faults.trial import Trial
from transcription.audio import Audio

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
]

ROUNDS = 150
LONGEST_DELAY_SECONDS = 0.006
PROCESSING_SECONDS = 0.15
PIECES = make_tones(3, seconds=0.5)
CHUNKS = encode(PIECES)
SEED = 20_261_123
Status = Meeting.Status


@dataclass(slots=True)
class Round:
    """One meeting that several try to change at once, and what each of them was told."""

    dice: random.Random
    longest_delay: float = LONGEST_DELAY_SECONDS
    meeting: Meeting = field(default_factory=services.start_meeting)
    answers: dict[str, Any] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)

    def run(self, acts: dict[str, Callable[[], Any]]) -> None:
        barrier = threading.Barrier(len(acts))
        threads = [
            threading.Thread(target=self.act, args=(barrier, name, act))
            for name, act in acts.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.failures == []

    def act(self, barrier: threading.Barrier, name: str, act: Callable[[], Any]) -> None:
        delay = self.dice.random() * self.longest_delay
        try:
            barrier.wait()
            time.sleep(delay)
            self.answers[name] = act()
        except BaseException as error:  # noqa: BLE001 - told to the test by run
            self.failures.append(error)
        finally:
            connection.close()

    def send(self, index: int) -> int:
        upload = SimpleUploadedFile("chunk.wav", CHUNKS[index], content_type="audio/wav")
        path = f"/api/meetings/{self.meeting.pk}/chunk"
        content = {"audio_chunk": upload, "chunk_index": str(index)}
        return int(Client().post(path, content).status_code)

    def stop(self) -> int:
        return int(Client().post(f"/api/meetings/{self.meeting.pk}/stop").status_code)

    def cancel(self) -> int:
        return int(Client().post(f"/api/meetings/{self.meeting.pk}/cancel").status_code)

    def watch(self) -> int:
        """What the watchdog does to a recording that fell silent, as an answer of its own."""
        try:
            services.end_recording(self.meeting.pk, actor="watchdog", after_idle_seconds=60)
        except MeetingNotRecording:
            return 400
        return 200

    def process(self) -> bool:
        return pipeline.process_meeting(self.meeting.pk)

    def fall_silent(self) -> None:
        Meeting.objects.filter(pk=self.meeting.pk).update(last_activity_at=seconds_from_now(-120))

    def finish(self) -> Meeting:
        """The meeting as it is after everybody has done what was left to do."""
        if self.read().status == Status.RECORDING:
            assert self.stop() == 200
        deadline = time.monotonic() + 10
        while self.read().status == Status.PROCESSING:
            self.process()
            assert time.monotonic() < deadline, "it was never processed to its end"
        return self.read()

    def read(self) -> Meeting:
        return services.get_meeting(self.meeting.pk)


def check_history(meeting: Meeting) -> None:
    """Transitions form one chain to the status; the events tell the same story without a gap."""
    steps = list(Transition.objects.filter(meeting=meeting).order_by("id"))
    assert [step.old for step in steps] == ["", *(step.new for step in steps[:-1])]
    assert steps[-1].new == meeting.status
    events = Event.objects.filter(conversation=meeting.conversation).order_by("seq")
    assert [event.seq for event in events] == list(range(1, meeting.conversation.last_seq + 1))
    told = Counter('"event":"meeting_stopped"' in event.frame for event in events)[True]
    ended = [step for step in steps if (step.old, step.new) == ("recording", "processing")]
    assert told == len(ended)


def check_sound(meeting: Meeting, accepted: set[int]) -> int:
    """How many acknowledged chunks are lost: without a row, or not in the recording."""
    rows = {chunk.index: chunk for chunk in meeting.chunks.all()}
    for chunk in rows.values():
        media.read_chunk(chunk)  # raises where the bytes are not those of the row
    heard = [PIECES[index] for index in sorted(rows)]
    with media.get_storage().open(meeting.recording_name) as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == meeting.recording_sha256
    assert ingest.list_missing(meeting) == []
    assert hash_pcm([read_flac(data)]) == hash_pcm(heard)
    return len(accepted - rows.keys())


def read_flac(data: bytes) -> Audio:
    """The samples, read in this process: one of its own for each of hundreds takes minutes."""
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return Audio(np.concatenate(frames))


def conclude(trial: Trial, rounds: Round, accepted: set[int]) -> None:
    meeting = rounds.finish()
    assert meeting.status == Status.COMPLETED
    trial.inject()
    trial.accepted += len(accepted)
    trial.lost += check_sound(meeting, accepted)
    check_history(meeting)
    assert trial.lost == 0


@pytest.mark.fault("stop, watchdog and late chunk at once")
def test_stop_watchdog_and_late_chunk_agree_on_what_happened(trial: Trial) -> None:
    dice, stories = random.Random(SEED), Counter[tuple[Any, ...]]()  # noqa: S311 - delays
    for _ in range(ROUNDS):
        one = Round(dice)
        assert one.send(0) == 200
        one.fall_silent()
        one.run(
            {
                "stop": one.stop,
                "watchdog": one.watch,
                "chunk": partial(one.send, 1),
            }
        )
        assert {one.answers["stop"], one.answers["chunk"]} <= {200, 400}
        assert one.answers["stop"] == 200 or one.answers["watchdog"] == 200
        stories[tuple(sorted(one.answers.items()))] += 1
        conclude(trial, one, {0, 1} if one.answers["chunk"] == 200 else {0})
    assert len(stories) >= 2, f"the rounds were no race: {stories}"


@pytest.mark.fault("chunks late at a running pipeline")
def test_chunk_that_lands_in_a_running_pipeline_is_in_the_recording(trial: Trial) -> None:
    dice = random.Random(SEED)  # noqa: S311 - delays
    for _ in range(ROUNDS // 3):
        one = Round(dice, PROCESSING_SECONDS)
        assert one.send(0) == 200
        one.fall_silent()
        assert one.watch() == 200
        one.run(
            {
                "pipeline": one.process,
                "chunk": partial(one.send, 1),
                "other chunk": partial(one.send, 2),
                "second pipeline": one.process,
            }
        )
        assert (one.answers["chunk"], one.answers["other chunk"]) == (200, 200)
        conclude(trial, one, {0, 1, 2})


@pytest.mark.fault("stop, cancel and chunk at once")
def test_of_stop_and_cancel_one_wins(trial: Trial) -> None:
    dice, winners = random.Random(SEED), Counter[str]()  # noqa: S311 - delays
    for _ in range(ROUNDS // 3):
        one = Round(dice)
        assert one.send(0) == 200
        one.run({"stop": one.stop, "cancel": one.cancel, "chunk": partial(one.send, 1)})
        assert sorted((one.answers["stop"], one.answers["cancel"])) == [200, 400]
        if one.answers["stop"] == 200:
            winners["stop"] += 1
            conclude(trial, one, {0, 1} if one.answers["chunk"] == 200 else {0})
            continue
        winners["cancel"] += 1
        trial.inject()
        meeting = one.read()
        assert (meeting.status, meeting.chunks.count()) == (Status.CANCELLED, 0)
        check_history(meeting)
    assert len(winners) == 2, f"the rounds were no race: {winners}"
