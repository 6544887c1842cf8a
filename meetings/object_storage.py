"""Audio files in object storage: anything that speaks S3.

A PUT is whole or not there, and once answered it is on disk and seen by every reader; so what
``DurableFileSystemStorage`` promises holds here too. What differs: there are no folders to sync
or remove, and a move is a copy and a delete. If the very same chunk is sent again between the
two, its file goes; the copy stays under ``orphans/``, from where ``verify --fix`` puts it back.

Not django-storages' S3: that one fetches a whole recording to play a second of it, raises errors
that are no OSError, and signs on anew in every thread.
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File

from meetings.encryption.sealing import HEADER_BYTES, RawFile
from meetings.encryption.storage import SealedStorage

TIMEOUT_SECONDS = 10
TRIES = 3
PART_BYTES = 16 * 1024 * 1024  # a file up to here is one PUT
READ_BYTES = 256 * 1024
NOT_THERE = {"404", "NoSuchKey", "NotFound"}


class ObjectStorage(SealedStorage):
    """Without keys boto3 looks where it always looks: environment, files, the machine's role.

    Everything here raises OSError where the storage does not answer or refuses.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str = "",
        region: str = "",
        prefix: str = "",
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.wishes = {
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "aws_access_key_id": access_key or None,
            "aws_secret_access_key": secret_key or None,
        }
        self.clients: dict[int, Any] = {}

    @property
    def client(self) -> Any:
        """One for all threads of a process; a fork makes its own, with connections of its own."""
        pid = os.getpid()
        if pid not in self.clients:
            self.clients = {pid: self.connect()}
        return self.clients[pid]

    def connect(self) -> Any:
        has_endpoint = bool(self.wishes["endpoint_url"])
        config = Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=32,
            s3={"addressing_style": "path" if has_endpoint else "auto"},
            # Other makers' servers do not all know the checksums that AWS's does.
            request_checksum_calculation="when_required" if has_endpoint else "when_supported",
            response_checksum_validation="when_required" if has_endpoint else "when_supported",
        )
        return boto3.session.Session().client("s3", config=config, **self.wishes)

    def key(self, name: str) -> str:
        return self.prefix + name

    def head(self, name: str) -> dict[str, Any]:
        with translating(name):
            found: dict[str, Any] = self.client.head_object(Bucket=self.bucket, Key=self.key(name))
        return found

    def write_raw(self, name: str, file: File) -> None:  # type: ignore[type-arg]
        self.upload(name, KeptOpen(file))

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        self.upload(name, PieceReader(pieces))

    def upload(self, name: str, content: Any) -> None:
        one_by_one = TransferConfig(multipart_threshold=PART_BYTES, use_threads=False)
        with translating(name):
            self.client.upload_fileobj(content, self.bucket, self.key(name), Config=one_by_one)

    def open_raw(self, name: str) -> RawFile:
        """One request, which says all that a HEAD would."""
        wanted = f"bytes=0-{HEADER_BYTES - 1}"
        try:
            with translating(name):
                found = self.client.get_object(Bucket=self.bucket, Key=self.key(name), Range=wanted)
                start = found["Body"].read(HEADER_BYTES)
        except RangeRefused:  # no range of nothing can be given
            return RawFile(io.BytesIO(), b"", 0)
        told = found.get("ContentRange") or str(found["ContentLength"])
        size = int(told.rpartition("/")[2])
        reader = ObjectReader(self, name, size, found["ETag"])
        return RawFile(cast(BinaryIO, reader), start, size)

    def buffer(self, file: BinaryIO) -> BinaryIO:
        if not isinstance(file, ObjectReader):  # an empty one
            return file
        return io.BufferedReader(file, READ_BYTES)

    def delete(self, name: str) -> None:
        with translating(name):
            self.client.delete_object(Bucket=self.bucket, Key=self.key(name))

    def exists(self, name: str) -> bool:
        try:
            self.head(name)
        except FileNotFoundError:
            return False
        return True

    def get_modified_time(self, name: str) -> datetime:
        moment: datetime = self.head(name)["LastModified"]
        return moment

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Nothing where there is nothing: a folder is only a way to name files."""
        start = self.key(f"{path.strip('/')}/" if path.strip("/") else "")
        folders: list[str] = []
        files: list[str] = []
        with translating(path):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=start, Delimiter="/"
            )
            for page in pages:
                folders += [
                    one["Prefix"][len(start) : -1] for one in page.get("CommonPrefixes", ())
                ]
                files += [one["Key"][len(start) :] for one in page.get("Contents", ())]
        return folders, [name for name in files if name]

    def move_raw(self, old: str, new: str, *, min_age_seconds: float = 0) -> bool:
        self.head(old)
        with translating(old):
            source = {"Bucket": self.bucket, "Key": self.key(old)}
            self.client.copy(source, self.bucket, self.key(new))
        age = datetime.now(UTC) - self.get_modified_time(old)
        if age.total_seconds() < min_age_seconds:
            self.delete(new)
            return False
        self.delete(old)
        return True


class ObjectReader(io.RawIOBase):
    """Reads on from where it stands: a seek costs one request, whatever lies before it.

    All of it is of one object: OSError where another has taken its place meanwhile.
    """

    def __init__(self, storage: ObjectStorage, name: str, size: int, tag: str) -> None:
        self.storage, self.name, self.length, self.tag = storage, name, size, tag
        self.position = 0
        self.body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.length}[whence]
        if start + offset != self.position:
            self.drop()
            self.position = start + offset
        return self.position

    def readinto(self, buffer: Any) -> int:
        if self.position >= self.length:
            return 0
        with translating(self.name):
            if self.body is None:
                self.body = self.request()
            piece = self.body.read(len(buffer))
        buffer[: len(piece)] = piece
        self.position += len(piece)
        return len(piece)

    def request(self) -> Any:
        answer = self.storage.client.get_object(
            Bucket=self.storage.bucket,
            Key=self.storage.key(self.name),
            Range=f"bytes={self.position}-",
            IfMatch=self.tag,
        )
        return answer["Body"]

    def drop(self) -> None:
        if self.body is not None:
            self.body.close()
            self.body = None

    def close(self) -> None:
        self.drop()
        super().close()


class KeptOpen:
    """A file that boto3 may not close: its owner goes on with it."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self.file.read(size)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        return int(self.file.tell())

    def close(self) -> None:
        pass


class PieceReader:
    """Pieces as a file that boto3 reads once, some megabytes of it at a time."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.held = iter(pieces), bytearray()

    def read(self, size: int = -1) -> bytes:
        while (size < 0 or len(self.held) < size) and (piece := next(self.pieces, b"")):
            self.held += piece
        taken = bytes(self.held if size < 0 else self.held[:size])
        del self.held[: len(taken)]
        return taken


class RangeRefused(OSError):
    """The object has no such byte."""


@contextmanager
def translating(name: str) -> Iterator[None]:
    """Raises FileNotFoundError or OSError for what boto3 raises."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in NOT_THERE:
            raise FileNotFoundError(f"{name} is not in the object storage") from error
        if code == "InvalidRange":
            raise RangeRefused(f"{name} is empty") from error
        raise OSError(f"the object storage refused {name}: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"the object storage does not answer: {error}") from error
