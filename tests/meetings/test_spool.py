import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from pytest_django import Settings
from redis import Redis

from intellibooks.errors import Forbidden, StorageUnavailable
from intellibooks.identity import Identity
from meetings import live, media, services, spool, sweeper, upkeep
from meetings.errors import ChecksumMismatch, EmptyChunk
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, ConflictingChunk, Meeting
from meetings.spool_entry import SIDECAR, SpooledChunk
from tests.factories import make_tone, send_chunk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def make_upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("chunk.wav", data, content_type="audio/wav")


def spool_tone(meeting: Meeting, index: int, *, pitch: float = 440) -> SpooledChunk:
    return spool.spool_chunk(meeting.pk, index, make_upload(make_tone(pitch=pitch)), 1000 * index)


def refuse_query(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    raise OperationalError("the server closed the connection")


def test_spooling_asks_nothing_of_the_database(meeting: Meeting) -> None:
    with connection.execute_wrapper(refuse_query):
        spooled = spool_tone(meeting, 3)
    assert (spooled.meeting_id, spooled.index, spooled.size) == (meeting.pk, 3, len(make_tone()))


def test_spooled_chunk_comes_into_the_ledger_with_all_its_facts(meeting: Meeting) -> None:
    spool_tone(meeting, 3)
    assert spool.hand_over() == 1
    chunk = AudioChunk.objects.get()
    assert (chunk.index, chunk.content_type, chunk.started_at_ms) == (3, "audio/wav", 3000)
    assert media.read_chunk(chunk) == make_tone()
    assert spool.list_entries() == []


def test_nothing_leaves_the_spool_while_the_database_is_away(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    with connection.execute_wrapper(refuse_query), pytest.raises(OperationalError):
        spool.hand_over()
    assert len(spool.list_entries()) == 1
    assert spool.hand_over() == 1


def test_chunk_spooled_twice_is_one_entry_and_one_chunk(meeting: Meeting) -> None:
    assert spool_tone(meeting, 0).sha256 == spool_tone(meeting, 0).sha256
    assert len(spool.list_entries()) == 1
    spool.hand_over()
    spool_tone(meeting, 0)
    assert spool.hand_over() == 1
    assert services.get_meeting(meeting.pk).total_chunks == 1


def test_chunk_that_came_directly_meanwhile_counts_once(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    send_chunk(meeting, 0, make_tone())
    assert spool.hand_over() == 1
    assert services.get_meeting(meeting.pk).total_chunks == 1


def test_other_bytes_under_one_index_are_both_kept(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    spool_tone(meeting, 0, pitch=220)
    assert spool.hand_over() == 2
    assert (AudioChunk.objects.count(), ConflictingChunk.objects.count()) == (1, 1)


def test_spooled_chunk_is_accepted_after_the_stop(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    services.end_recording(meeting.pk, actor="client")
    assert spool.hand_over() == 1
    assert AudioChunk.objects.get().index == 0


def forget_sender() -> None:
    """As an entry of a time when nobody noted who sent it."""
    sidecar = spool.list_entries()[0] / SIDECAR
    facts = json.loads(sidecar.read_bytes())
    for name in ("user_id", "is_staff", "is_reviewer"):
        del facts[name]
    sidecar.write_text(json.dumps(facts))


@pytest.mark.parametrize(("mode", "taken"), [("open", 1), ("required", 0)])
def test_entry_that_does_not_say_who_sent_it_is_taken_in_open_mode(
    settings: Settings, mode: str, taken: int
) -> None:
    settings.AUTH_MODE = mode
    spool_tone(services.start_meeting(owner="alice"), 0)
    forget_sender()
    assert (spool.hand_over(), len(spool.list_rejected())) == (taken, 1 - taken)


def test_copy_of_somebody_who_may_not_does_not_take_the_place_of_the_owners(
    settings: Settings,
) -> None:
    settings.AUTH_MODE = "required"
    meeting = services.start_meeting(owner="alice")
    for name in ("bob", "alice"):
        sender = Identity(name, is_verified=True)
        spool.spool_chunk(meeting.pk, 0, make_upload(make_tone()), sender=sender)
    assert spool.hand_over() == 1
    assert AudioChunk.objects.get().index == 0
    assert len(spool.list_rejected()) == 1


def test_token_that_only_reads_spools_nothing(meeting: Meeting) -> None:
    reader = Identity("alice", is_verified=True, scopes=frozenset({"read"}))
    with pytest.raises(Forbidden):
        spool.spool_chunk(meeting.pk, 0, make_upload(make_tone()), sender=reader)


def test_unknown_meeting_is_refused(redis_server: Redis) -> None:
    with pytest.raises(StorageUnavailable):
        spool.spool_chunk("../../etc", 0, make_upload(make_tone()))
    assert not spool.spool_folder().exists()


def test_stopped_meeting_is_refused(meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="client")
    with pytest.raises(StorageUnavailable):
        spool_tone(meeting, 0)


def test_id_never_becomes_a_path(meeting: Meeting, redis_server: Redis, data_dir: Path) -> None:
    redis_server.hset(live.state_key("../../x"), "status", "recording")
    spool.spool_chunk("../../x", 0, make_upload(make_tone()))
    assert [path.parent for path in data_dir.rglob("audio")] == spool.list_entries()
    assert all("x" not in path.name for path in spool.list_entries())


def test_chunk_of_an_unknown_meeting_is_moved_aside(redis_server: Redis) -> None:
    redis_server.hset(live.state_key("gone"), "status", "recording")
    spool.spool_chunk("gone", 0, make_upload(make_tone()))
    assert spool.hand_over() == 0
    assert spool.list_entries() == []
    assert (spool.list_rejected()[0] / "audio").read_bytes() == make_tone()


def test_full_spool_refuses(meeting: Meeting, settings: Settings) -> None:
    settings.SPOOL_MAX_BYTES = len(make_tone()) * 2
    spool_tone(meeting, 0)
    with pytest.raises(StorageUnavailable, match="full"):
        spool_tone(meeting, 1)
    assert len(spool.list_entries()) == 1


def test_unwritable_spool_refuses(meeting: Meeting, data_dir: Path) -> None:
    (data_dir / "spool").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable):
        spool_tone(meeting, 0)


def test_empty_and_changed_uploads_are_refused(meeting: Meeting) -> None:
    with pytest.raises(EmptyChunk):
        spool.spool_chunk(meeting.pk, 0, make_upload(b""))
    with pytest.raises(ChecksumMismatch):
        spool.spool_chunk(meeting.pk, 0, make_upload(b"sound"), sha256="0" * 64)


@pytest.mark.parametrize("part", ["audio", "entry.json"])
def test_corrupt_entry_is_moved_aside_and_holds_up_nobody(meeting: Meeting, part: str) -> None:
    spool_tone(meeting, 0)
    (spool.list_entries()[0] / part).write_bytes(b"garbage")
    spool_tone(meeting, 1)
    assert spool.hand_over() == 1
    assert len(spool.list_rejected()) == 1


class DeadlyUpload(SimpleUploadedFile):
    """Its reader dies when the second reading, the one that is written, is over."""

    readings = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield from super().chunks(chunk_size)
        self.readings += 1
        if self.readings > 1:
            os.kill(os.getpid(), signal.SIGKILL)


def test_kill_while_spooling_leaves_no_half_entry(
    meeting: Meeting, age_files: Callable[[float], None]
) -> None:
    child = os.fork()
    if child == 0:
        spool.spool_chunk(meeting.pk, 0, DeadlyUpload("chunk.wav", make_tone()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert (spool.list_entries(), spool.hand_over()) == ([], 0)
    assert spool.measure_spool() > len(make_tone())
    age_files(3601)
    upkeep.clean_up()
    assert spool.measure_spool() == 0


def test_two_sweepers_hand_each_chunk_over_once(meeting: Meeting) -> None:
    for index in range(6):
        spool_tone(meeting, index)

    def hand_over(_: int) -> int:
        try:
            return spool.hand_over()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(hand_over, range(4))) == 6
    assert services.get_meeting(meeting.pk).total_chunks == 6


def test_recorder_heard_of_in_the_spool_is_not_ended(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    Meeting.objects.update(last_activity_at=seconds_from_now(-61))
    done = sweeper.sweep()
    assert (done.handed_over, done.ended) == (1, 0)


def test_chunk_of_a_cancelled_meeting_goes(meeting: Meeting) -> None:
    spool_tone(meeting, 0)
    services.cancel_meeting(meeting, actor="client")
    spool.hand_over()
    assert (spool.list_entries(), spool.list_rejected()) == ([], [])
