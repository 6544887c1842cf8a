"""One file in, its text out, while the caller waits: the work is done by a live worker.

The caller's client gives up after 60 seconds, so there is an answer before, and it says what
was in the way.
"""

import logging
import math
import time
import uuid
from contextlib import suppress

from django.conf import settings
from django.core.files.base import File
from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job, JobStatus
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from intellibooks import tracing
from intellibooks.errors import StorageUnavailable
from intellibooks.redis_connection import get_queue, get_queue_redis
from transcription import uploads
from transcription.answers import Answer, give_error, give_text, send_answer, wait_for_answer
from transcription.audio import AudioError, decode
from transcription.engines.base import EngineError, Options
from transcription.transcribe import transcribe

logger = logging.getLogger(__name__)

QUEUE = "live"
ANSWER_SECONDS = 52.0  # from the request's first byte
LONGEST_SECONDS = 120  # of sound: a slow engine needs a third of it
PACE_SECONDS = 1.0  # a wait of Redis' has to end before its client's time-out of 2 s
PATIENCE_SECONDS = 5.0  # a worker that died is started again within this time
MOST_WAITING = 20  # jobs for each worker; a chunk takes up to 2 s

NO_WORKER = "No speech worker is running. Please try again in a moment."
NO_QUEUE = "The speech workers cannot be reached. Please try again in a moment."
TOO_BUSY = "The speech workers have too much to do. Please try again in a minute."
TOO_SLOW = (
    "There was no result after {seconds:.0f} seconds. Send a shorter recording; {minutes} "
    "is the most that is taken."
)
CRASHED = "Something went wrong in the speech worker. Please try again."
NO_SPEECH = "No speech detected"


def transcribe_file(
    upload: File,  # type: ignore[type-arg]  # generic in the stubs alone
    language: str,
    begun_at: float | None = None,
) -> Answer:
    """What is said in the file, or why there is no text; within ANSWER_SECONDS of ``begun_at``.

    ``begun_at`` in seconds since the epoch is when the request began. Raises StorageUnavailable.
    """
    upload_id = uuid.uuid4().hex
    expires_at = (begun_at or time.time()) + ANSWER_SECONDS
    try:
        if is_crowded():
            return give_error("engine_unavailable", TOO_BUSY)
        uploads.keep_upload(upload_id, upload)
        job = enqueue(upload_id, language, expires_at)
        return wait(job, upload_id, expires_at)
    except RedisError as error:
        logger.warning("a file could not be given to a worker: %s", error)
        return give_error("engine_unavailable", NO_QUEUE)
    except OSError as error:
        reason = "The file could not be stored. Please try again."
        raise StorageUnavailable(reason) from error
    finally:
        uploads.discard_upload(upload_id)


def is_crowded() -> bool:
    """Raises RedisError."""
    waiting = get_queue(QUEUE).count
    return waiting > MOST_WAITING and waiting > MOST_WAITING * count_workers()


def count_workers() -> int:
    """Raises RedisError."""
    return len(Worker.all(connection=get_queue_redis(), queue=get_queue(QUEUE)))


def enqueue(upload_id: str, language: str, expires_at: float) -> Job:
    """Raises RedisError."""
    job: Job = get_queue(QUEUE).enqueue(
        "transcription.jobs.transcribe_upload",
        upload_id,
        language,
        expires_at,
        job_id=f"transcribe-{upload_id}",
        job_timeout=math.ceil(ANSWER_SECONDS) + 5,  # the job itself knows when nobody waits
        ttl=math.ceil(ANSWER_SECONDS) + 5,
        result_ttl=0,
        failure_ttl=3600,
        meta=tracing.carry(),
    )
    return job


def wait(job: Job, upload_id: str, expires_at: float) -> Answer:
    attended_at = time.time()
    while (left := expires_at - time.time()) > 0:
        try:
            if answer := wait_for_answer(upload_id, min(PACE_SECONDS, left)):
                return answer
            if count_workers():
                attended_at = time.time()
        except RedisError:
            time.sleep(min(PACE_SECONDS, left))
        if time.time() - attended_at > PATIENCE_SECONDS:
            withdraw(job)
            return give_error("engine_unavailable", NO_WORKER)
    return give_error("engine_unavailable", TOO_BUSY if withdraw(job) else explain_slowness())


def withdraw(job: Job) -> bool:
    """Whether the job had not been begun; then nobody does it any more."""
    with suppress(RedisError):
        if job.get_status() == JobStatus.QUEUED:
            job.delete()
            return True
    return False


def explain_slowness() -> str:
    minutes, seconds = divmod(get_longest_seconds(), 60)
    limit = f"{minutes} min" + (f" {seconds} s" if seconds else "")
    return TOO_SLOW.format(seconds=ANSWER_SECONDS, minutes=limit)


def get_longest_seconds() -> int:
    return int(getattr(settings, "TRANSCRIBE_MAX_SECONDS", LONGEST_SECONDS))


def answer_upload(upload_id: str, language: str, expires_at: float) -> None:
    """The worker's part. A second run, and one for a caller who has left, do nothing."""
    left = math.ceil(expires_at - time.time())
    try:
        if left > 0:
            data = uploads.read_upload(upload_id)
            send_answer(upload_id, hear_within(data, language, left))
    except FileNotFoundError:
        logger.info("the file %s is gone: its sender has left", upload_id)
    finally:
        uploads.discard_upload(upload_id)


def hear_within(data: bytes, language: str, seconds: int) -> Answer:
    """What ``hear`` gives, or an answer instead of it if it fails or takes too long."""
    try:
        with UnixSignalDeathPenalty(seconds, JobTimeoutException):  # type: ignore[no-untyped-call]  # RQ's
            return hear(data, language)
    except JobTimeoutException:
        return give_error("engine_unavailable", explain_slowness())
    except Exception:  # the rim of a job: somebody waits for an answer
        logger.exception("a file could not be transcribed")
        return give_error("internal", CRASHED)


def hear(data: bytes, language: str) -> Answer:
    try:
        audio = decode(data, get_longest_seconds())
        options = Options(language=language, want_words=False)
        transcript = transcribe(audio, options, list_engines())
    except AudioError as error:
        return give_error(error.code, error.error)
    except EngineError as error:
        return give_error("engine_unavailable", error.message)
    if not transcript.text:
        return give_error("no_speech", NO_SPEECH)
    return give_text(transcript.text, transcript.engine)


def list_engines() -> list[str]:
    """Deepgram first where there is a key for it, then the configured order."""
    first = ["deepgram"] if settings.DEEPGRAM_API_KEY else []
    return list(dict.fromkeys([*first, *settings.SPEECH_ENGINES]))
