"""Why processing failed, as a code that a program reads and a hint that an operator follows."""

from dataclasses import dataclass

from django.db import DatabaseError

from meetings.encryption.errors import MediaKeyMissing
from transcription.engines.base import EngineError


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    hint: str


STORAGE = Failure(
    "storage_unavailable",
    "The media storage could not be written or read. Free space in DATA_DIR or mend the storage.",
)
KEY = Failure(
    "storage_unavailable",
    "The audio is encrypted with a key that MEDIA_ENCRYPTION_KEYS does not hold. Add it there.",
)
DATABASE = Failure("database_unavailable", "The database did not answer. Start it again.")
ENGINE = Failure(
    "engine_unavailable", "No speech engine could do the work. See SPEECH_ENGINES in the README."
)
MEMORY = Failure("out_of_memory", "The worker ran out of memory. Give it more, or shorter audio.")
UNKNOWN = Failure("stage_failed", "See the log of the pipeline worker for the traceback.")

# The first kind that an error is an instance of decides; the narrower first.
KINDS: tuple[tuple[type[BaseException], Failure], ...] = (
    (DatabaseError, DATABASE),
    (EngineError, ENGINE),
    (MemoryError, MEMORY),
    (MediaKeyMissing, KEY),
    (OSError, STORAGE),
)


def classify_failure(error: BaseException) -> Failure:
    """The kind of failure that an exception of a stage stands for."""
    return next((failure for kind, failure in KINDS if isinstance(error, kind)), UNKNOWN)
