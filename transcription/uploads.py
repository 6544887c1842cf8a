"""Files on their way to a worker: kept in the media storage, which every machine sees.

They are nobody's record: the request that brought one removes it, whatever happens, and what a
killed process left goes with a later job.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.storage import storages
from django.utils import timezone

FOLDER = "transcribe"
LEFTOVER_AGE = timedelta(hours=1)


def keep_upload(upload_id: str, upload: File) -> None:  # type: ignore[type-arg]  # generic in the stubs alone
    """Raises OSError."""
    _get_storage().save(_name(upload_id), upload)


def read_upload(upload_id: str) -> bytes:
    """Raises FileNotFoundError for one that is gone, and OSError."""
    with _get_storage().open(_name(upload_id)) as file:
        content: bytes = file.read()
    return content


def discard_upload(upload_id: str) -> None:
    """Removes it if it is there; one that cannot be removed now goes with a later sweep."""
    with suppress(OSError):
        _get_storage().delete(_name(upload_id))


def sweep_uploads() -> None:
    """Removes what killed processes have left."""
    storage = _get_storage()
    with suppress(OSError):
        for name in storage.listdir(FOLDER)[1]:
            with suppress(OSError):  # another worker sweeps as well
                path = f"{FOLDER}/{name}"
                if timezone.now() - storage.get_modified_time(path) > LEFTOVER_AGE:
                    storage.delete(path)


def _get_storage() -> Any:
    return storages["media"]


def _name(upload_id: str) -> str:
    return f"{FOLDER}/{upload_id}"
