"""Any sequence of events keeps the promises: accepted is recoverable, one wins, events = state."""

import contextlib
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chat.models import Event
from intellibooks.redis_connection import get_redis
from meetings import drafting, media, pipeline, services, sweeper
from meetings.errors import MeetingNotRecording
from meetings.models import AudioChunk, Meeting
from tests.factories import make_tone, send_chunk
from transcription.audio import decode

pytestmark = pytest.mark.django_db(transaction=True)

INDEXES = st.integers(0, 4)
STATUS_AFTER = {
    "started": "recording",
    "resumed": "recording",
    "stopped": "processing",
    "abrupt_end": "processing",
    "stage": "processing",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


@cache
def make_bytes(index: int, variant: int) -> bytes:
    """A tenth of a second that no other index and variant sounds like."""
    return make_tone(0.1, pitch=200 + 100 * index + 30 * variant)


class Ledger(RuleBasedStateMachine):
    """A client that sends what it likes, a world that fails as it likes."""

    @initialize()
    def start(self) -> None:
        self.meeting = services.start_meeting()
        self.accepted: dict[int, bytes] = {}
        self.is_stopped = False

    def read(self) -> Meeting:
        return services.get_meeting(self.meeting.pk)

    @rule(index=INDEXES, variant=st.integers(0, 1))
    def send(self, index: int, variant: int) -> None:
        data = make_bytes(index, variant)
        before = self.read()
        try:
            receipt = send_chunk(self.meeting, index, data)
        except MeetingNotRecording:
            assert not before.is_recording
            assert not before.can_resume
            return
        known = self.accepted.setdefault(index, data)
        assert receipt.is_conflict == (known != data)
        if before.ended_abruptly and not before.is_recording and not receipt.is_duplicate:
            assert receipt.is_conflict or receipt.is_resumed

    @rule(expected=st.integers(0, 5))
    def stop(self, expected: int) -> None:
        was_recording = self.read().is_recording
        try:
            services.end_recording(self.meeting.pk, actor="client", expected_chunks=expected)
        except MeetingNotRecording:
            assert not was_recording
        else:
            assert was_recording
        with pytest.raises(MeetingNotRecording):
            services.end_recording(self.meeting.pk, actor="client")

    @rule()
    def fall_silent(self) -> None:
        was_recording = self.read().is_recording
        try:
            services.end_recording(self.meeting.pk, actor="watchdog", after_idle_seconds=-1)
        except MeetingNotRecording:
            assert not was_recording
        else:
            assert self.read().can_resume

    @rule()
    @precondition(lambda self: self.read().is_recording and len(self.accepted) > 3)
    def cancel(self) -> None:
        services.cancel_meeting(self.read(), actor="client")
        self.accepted.clear()

    @rule(index=INDEXES)
    def transcribe(self, index: int) -> None:
        drafting.transcribe_chunk(self.meeting.pk, index)

    @rule()
    def process(self) -> None:
        was_processing = self.read().status == "processing"
        assert pipeline.process_meeting(self.meeting.pk) == was_processing

    @rule()
    def lose_redis(self) -> None:
        get_redis().flushdb()
        sweeper.sweep()

    @invariant()
    def accepted_is_on_disk(self) -> None:
        rows = AudioChunk.objects.filter(meeting_id=self.meeting.pk)
        assert {row.index: media.read_chunk(row) for row in rows} == self.accepted

    @invariant()
    def counters_agree_with_rows(self) -> None:
        meeting = self.read()
        assert meeting.total_chunks == len(self.accepted) or meeting.status == "cancelled"
        heard = meeting.chunks.exclude(state="stored").count()
        assert meeting.chunks_processed == heard or meeting.status == "cancelled"

    @invariant()
    def events_replayed_are_the_state(self) -> None:
        rows = Event.objects.filter(conversation_id=self.meeting.pk).order_by("seq")
        frames = [json.loads(row.frame) for row in rows]
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        states = [frame["state"] for frame in frames if frame["type"] == "meeting"]
        assert STATUS_AFTER[states[-1]] == self.read().status
        received = [f for f in frames if f["type"] == "chunk" and f["state"] == "received"]
        assert len(received) == self.read().total_chunks

    def teardown(self) -> None:
        """In the end everything accepted is in the recording, sample by sample."""
        if not hasattr(self, "meeting") or self.read().status == "cancelled":
            return
        with contextlib.suppress(MeetingNotRecording):
            services.end_recording(self.meeting.pk, actor="client")
        pipeline.process_meeting(self.meeting.pk)
        meeting = self.read()
        assert meeting.status == "completed"
        if not self.accepted:
            return
        with media.get_storage().open(meeting.recording_name) as file:
            samples = decode(file.read()).samples
        for index, data in self.accepted.items():
            assert np.array_equal(samples[index * 1600 : (index + 1) * 1600], decode(data).samples)


def test_any_sequence_of_events_keeps_the_promises(settings_for_speed: None) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_for_speed(settings: object) -> None:
    settings.MISSING_WAIT_SECONDS = 0  # type: ignore[attr-defined]
