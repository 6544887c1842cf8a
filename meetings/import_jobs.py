"""Uploaded recordings: kept at once, decoded and handed over by a worker, whatever dies meanwhile.

The file lies in the media storage as ``imports/<media key of its meeting>`` until its sound is
in the ledger. ``tend_imports`` rings again for files that no worker has, so a lost job or a
killed worker costs time and nothing else.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from intellibooks import tracing
from intellibooks.doorbell import doorbell
from intellibooks.errors import DomainError, StorageUnavailable
from intellibooks.redis_connection import get_queue
from meetings import dispatch, leases, media, orphans, services
from meetings.encryption.errors import MediaKeyMissing, MediaTampered
from meetings.errors import MeetingNotRecording
from meetings.failures import Failure, classify_failure
from meetings.importing import (
    Imported,
    Source,
    check_size,
    feed,
    find_import,
    is_whole,
    max_seconds,
    start_import,
)
from meetings.models import Meeting, MeetingQuerySet
from transcription.audio import AudioError, decode

logger = logging.getLogger(__name__)

FOLDER = "imports"
TIMEOUT_SECONDS = 12 * 3600
PAUSES_BEFORE_RETRY = (5, 30, 120)  # seconds
YOUNG_SECONDS = 60  # a file without a meeting may be one whose upload has only just come
KEY_WAIT_SECONDS = 60
DAMAGED = "The uploaded file was changed in the media storage. Import it again."
GONE = Failure("bad_audio", "The uploaded file is gone from the media storage. Import it again.")


def accept_upload(
    upload: File,  # type: ignore[type-arg]  # generic in the stubs alone
    *,
    title: str = "",
    language: str = "en",
    owner: str = "",
    among: MeetingQuerySet | None = None,
) -> Imported:
    """The meeting that the file becomes, as soon as its bytes are safe on disk.

    A meeting among those that was made of the same file is found again.
    Raises EmptyFile, TooLarge, StorageUnavailable.
    """
    check_size(upload.size)
    sha256, _ = media.measure_file(upload)
    known = find_import(sha256, among)
    if known is not None and (is_whole(known) or media.get_storage().exists(name_source(known))):
        return Imported(known, is_known=True)
    arrival = f"{FOLDER}/{uuid.uuid4().hex}"
    try:
        upload.seek(0)
        media.get_storage().save(arrival, upload)
        meeting = known or start_import(Source(sha256, title, language, owner=owner))
        media.move_file(arrival, name_source(meeting))
    except OSError as error:
        raise StorageUnavailable(
            "The file could not be written to disk. Free space in DATA_DIR and send it again."
        ) from error
    doorbell.ring(partial(enqueue_import, meeting))
    return Imported(meeting, is_known=False)


def name_source(meeting: Meeting) -> str:
    return f"{FOLDER}/{meeting.media_key}"


def name_job(media_key: str) -> str:
    return f"import-{media_key}"


def enqueue_import(meeting: Meeting) -> None:
    """Ring the pipeline worker for one uploaded file. Raises RedisError."""
    get_queue("pipeline").enqueue(
        "meetings.import_jobs.run_import",
        meeting.pk,
        job_id=name_job(meeting.media_key),
        job_timeout=TIMEOUT_SECONDS,
        result_ttl=0,
        failure_ttl=3600,
        meta=tracing.carry(),
    )


def run_import(meeting_id: str) -> bool:
    """Whether this call handed over all of the sound; it may run twice, and anew after a kill."""
    row = Meeting.objects.filter(pk=meeting_id, stopped_at=None)
    token = row.exclude(status=Meeting.Status.CANCELLED).claim()
    if not token:
        return False  # done, cancelled, deleted, or another worker has it
    meeting = row.select_related("conversation").get()
    with leases.kept(row, token):
        try:
            hand_over(meeting)
        except MediaKeyMissing as error:
            logger.error("the import of %s waits for its key: %s", meeting_id, error)
            # No try was lost: whoever gives the key back finds the upload as it came.
            rows = Meeting.objects.filter(pk=meeting_id)
            rows.release(token, retry_seconds=KEY_WAIT_SECONDS, attempts=F("attempts") - 1)
        except MediaTampered as error:
            logger.error("the import of %s cannot be read: %s", meeting_id, error)
            put_source_aside(meeting)
            fail_import(meeting, GONE.code, DAMAGED)
        except (AudioError, FileNotFoundError) as error:
            reason = str(error) if isinstance(error, AudioError) else GONE.hint
            fail_import(meeting, GONE.code, reason)
        except MeetingNotRecording as error:
            logger.info("the import of %s ends: %s", meeting_id, error)
            discard_source(meeting)
        except Exception as error:
            logger.exception("the import of meeting %s failed", meeting_id)
            give_back(meeting, token, error)
        else:
            discard_source(meeting)
            return True
    return False


def hand_over(meeting: Meeting) -> None:
    """Raises AudioError, OSError, MeetingNotRecording."""
    refuse_endless(meeting)
    with media.get_storage().open(name_source(meeting)) as file:
        audio = decode(file.read(), max_seconds())
    feed(meeting, audio)


def refuse_endless(meeting: Meeting) -> None:
    """Raises AudioError for a file at which a worker dies each time."""
    if meeting.attempts > len(PAUSES_BEFORE_RETRY) + 1:
        raise AudioError("The file could not be read: every try ended without an answer.")


def give_back(meeting: Meeting, token: str, error: Exception) -> None:
    """Another try later, or the end with its reason."""
    if meeting.attempts > len(PAUSES_BEFORE_RETRY):
        failure = classify_failure(error)
        fail_import(meeting, failure.code, f"{failure.hint} ({error})")
        return
    pause = PAUSES_BEFORE_RETRY[meeting.attempts - 1]
    Meeting.objects.filter(pk=meeting.pk).release(token, retry_seconds=pause)


def fail_import(meeting: Meeting, code: str, reason: str) -> None:
    """Recording -> failed, through processing that nobody else sees."""
    rows = Meeting.objects.filter(pk=meeting.pk)
    try:
        with transaction.atomic():
            services.end_recording(meeting.pk, actor="import")
            token = rows.claim()
            services.fail_meeting(rows.get(), token, code=code, reason=reason)
    except DomainError as error:
        logger.error("the import of %s failed (%s) and stays as it is: %s", meeting, reason, error)
    discard_source(meeting)


def put_source_aside(meeting: Meeting) -> None:
    """A damaged upload stays for a person to see, until what is aside expires."""
    source = name_source(meeting)
    with suppress(OSError):
        media.move_file(source, orphans.name_aside(source))


def list_sources_of(meeting: Meeting) -> Iterator[str]:
    """Its upload, and a damaged one that was put aside."""
    source = name_source(meeting)
    if media.get_storage().exists(source):
        yield source
    yield from orphans.list_aside(source)


def discard_source(meeting: Meeting) -> None:
    remove_source(name_source(meeting))


def remove_source(name: str) -> None:
    """Removes the file; one that cannot be removed now goes when imports are tended."""
    with suppress(OSError):
        media.delete_files([name])


def tend_imports() -> int:
    """How many imports were rung again; call it before idle recordings are ended.

    Imports that wait for a worker are kept from being taken for dead recorders, and files that
    nobody needs any more are removed. Raises RedisError.
    """
    keys = list_sources()
    if not keys:
        return 0
    rows = Meeting.objects.filter(media_key__in=keys, stopped_at=None)
    rows = rows.exclude(status=Meeting.Status.CANCELLED)
    needed = set(rows.values_list("media_key", flat=True))
    rows.filter(status=Meeting.Status.RECORDING).update(last_activity_at=Now())
    for key in keys - needed:
        if not media.is_younger(f"{FOLDER}/{key}", YOUNG_SECONDS):
            remove_source(f"{FOLDER}/{key}")
    queued = dispatch.list_waiting_jobs("pipeline")
    absent = [row for row in rows.free() if name_job(row.media_key) not in queued]
    for meeting in absent:
        enqueue_import(meeting)
    return len(absent)


def list_sources() -> set[str]:
    try:
        return set(media.get_storage().listdir(FOLDER)[1])
    except FileNotFoundError:
        return set()
