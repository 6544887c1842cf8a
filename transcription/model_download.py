"""Fetches a model file over HTTP: what came stays when the line breaks, and is gone on with.

The bytes are gathered in ``<name>.part``; ``<name>.part.tag`` holds what the server called this
version of the file, so that two versions are never joined. Only a file that was checked gets its
name.
"""

import fcntl
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

import httpx

from transcription.model_file import ModelRefused, check_model_file
from transcription.models_catalogue import WhisperModel

MEBIBYTE = 1024 * 1024
PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds; so many tries in a row without a byte are enough
TIMEOUT_SECONDS, CONNECT_SECONDS = 30.0, 10.0
NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
SPARE_BYTES = 64 * MEBIBYTE  # a full disk hurts everything else on it
SHA256 = re.compile(r"[0-9a-f]{64}")
CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")

Tell = Callable[[int, int | None], None]


class DownloadError(Exception):
    """The model is not there; the text says why, ``is_kept`` whether another run goes on."""

    is_kept: ClassVar[bool] = False


class Unreachable(DownloadError):
    """The server could not be asked at all."""


class Interrupted(DownloadError):
    """The line broke, or the server was too busy."""

    is_kept = True


class NotServed(DownloadError):
    """The server has no such file, or not the one that was asked for."""


class NoRoom(DownloadError):
    """The folder cannot take the file."""

    is_kept = True


class _TryAgain(Exception):
    """What came was not usable this time; the next try may be."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server says of the file: ``total`` bytes, its SHA-256, the tag of this version."""

    start: int
    total: int | None
    sha256: str
    tag: str


def fetch_model(
    model: WhisperModel,
    base_url: str,
    folder: Path,
    tell: Tell,
    pauses: Sequence[float] = PAUSES,
    timeout: float = TIMEOUT_SECONDS,
) -> Path:
    """The checked file in ``folder``; ``tell`` hears of the bytes so far and in all.

    Raises DownloadError.
    """
    part = folder / f"{model.file_name}.part"
    url = f"{base_url.rstrip('/')}/{model.file_name}"
    patience = httpx.Timeout(timeout, connect=CONNECT_SECONDS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locking(part) as file, httpx.Client(timeout=patience, follow_redirects=True) as client:
            offer = Download(client, url, file, part, tell).receive_all(pauses)
            accept(part, model, offer)
            return part.rename(folder / model.file_name)
    except ModelRefused as error:
        remove(part)
        raise NotServed(f"{hide_password(url)} is not {model.name}: {error}.") from error
    except OSError as error:
        raise NoRoom(f"{folder} cannot take the file: {error.strerror}.") from error


@dataclass(slots=True)
class Download:
    """One file on its way from ``url`` into ``file``."""

    client: httpx.Client
    url: str
    file: BinaryIO
    part: Path
    tell: Tell
    total: int | None = None

    def receive_all(self, pauses: Sequence[float]) -> Offer:
        """Tries until all is there. Raises DownloadError, OSError."""
        failures = 0
        while True:
            before = self.count_received()
            try:
                return self.receive()
            except (httpx.TransportError, _TryAgain) as error:
                if isinstance(error, NO_CONNECTION) and not before and not failures:
                    raise Unreachable(f"{hide_password(self.url)}: {error}.") from error
                failures = 1 if self.count_received() > before else failures + 1
                if failures > len(pauses):
                    reason = str(error) or type(error).__name__
                    raise Interrupted(f"{hide_password(self.url)}: {reason}.") from error
                time.sleep(pauses[failures - 1])

    def receive(self) -> Offer:
        """One request for what is missing."""
        received = self.count_received()
        headers = {"Accept-Encoding": "identity"}
        if received:
            headers |= {"Range": f"bytes={received}-", "If-Range": self.read_tag()}
        with self.client.stream("GET", self.url, headers=headers) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return self.settle(answer, received)
            check_status(answer)
            offer = self.read_offer(answer)
            self.prepare(offer, received)
            for piece in answer.iter_raw():  # as it comes: a full buffer would be lost on a break
                self.file.write(piece)
                self.tell(self.count_received(), offer.total)
        return offer

    def read_offer(self, answer: httpx.Response) -> Offer:
        """Raises ModelRefused for a server that says one size now and another then."""
        offer = read_offer(answer)
        if self.total not in (None, offer.total):
            raise ModelRefused(f"it has {offer.total} bytes, then {self.total}")
        self.total = offer.total
        return offer

    def prepare(self, offer: Offer, received: int) -> None:
        if offer.start not in (0, received):
            self.start_over()
            raise _TryAgain("the server sent another part than was asked for")
        if offer.start < received:
            self.start_over()
        if offer.total is not None:
            check_room(self.part.parent, offer.total - offer.start)
        self.tell(offer.start, offer.total)
        if offer.tag:
            self.name_tag_file().write_text(offer.tag)

    def settle(self, answer: httpx.Response, received: int) -> Offer:
        """Nothing comes after what we have: it is all, or it is not of this file."""
        offer = self.read_offer(answer)
        if offer.total == received:
            return offer
        self.start_over()
        raise _TryAgain("what was kept is longer than the file")

    def start_over(self) -> None:
        self.file.truncate(0)
        self.name_tag_file().unlink(missing_ok=True)

    def count_received(self) -> int:
        return self.file.seek(0, 2)

    def read_tag(self) -> str:
        """Without a tag one that no server knows: then it sends the file from its start."""
        path = self.name_tag_file()
        return path.read_text() if path.exists() else '"unknown"'

    def name_tag_file(self) -> Path:
        return self.part.with_name(f"{self.part.name}.tag")


@contextmanager
def locking(part: Path) -> Iterator[BinaryIO]:
    """The file, for us alone. Raises NoRoom while another process writes it."""
    with part.open("ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NoRoom(f"Another process is writing {part}.") from error
        yield file


def check_status(answer: httpx.Response) -> None:
    code = answer.status_code
    if code == httpx.codes.TOO_MANY_REQUESTS or code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _TryAgain(f"the server answered {code}")
    if code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise NotServed(f"{hide_password(str(answer.request.url))} answered {code}.")


def read_offer(answer: httpx.Response) -> Offer:
    """Model hubs name size and SHA-256 in the redirection that comes before the answer."""
    headers = [response.headers for response in (*answer.history, answer)]
    length, ranged = answer.headers.get("content-length"), read_range(answer)
    is_whole = answer.status_code == httpx.codes.OK and str(length).isdecimal()
    total = int(str(length)) if is_whole else ranged[1]
    promised = next((found for one in headers if (found := one.get("x-linked-size"))), "")
    if promised.isdecimal() and total not in (None, int(promised)):
        raise ModelRefused(f"it has {total} bytes instead of {promised}")
    if promised.isdecimal():
        total = int(promised)
    tags = [one.get(name, "") for one in headers for name in ("x-linked-etag", "etag")]
    sums = (found[0] for tag in tags if (found := SHA256.fullmatch(tag.strip('"').lower())))
    tag = answer.headers.get("etag", "")
    if not tag or tag.startswith("W/"):  # a weak one says nothing about bytes
        tag = answer.headers.get("last-modified", "")
    return Offer(ranged[0], total, next(sums, ""), tag)


def read_range(answer: httpx.Response) -> tuple[int, int | None]:
    """Where the sent part starts, and the whole size."""
    match = CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
    return (int(match[1] or 0), int(match[2])) if match else (0, None)


def check_room(folder: Path, size: int) -> None:
    """Raises NoRoom."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        missing = (size + SPARE_BYTES - free) / MEBIBYTE
        raise NoRoom(f"{folder} has too little room: {missing:.0f} MiB more are needed.")


def accept(part: Path, model: WhisperModel, offer: Offer) -> None:
    """Raises ModelRefused."""
    size = part.stat().st_size
    if offer.total is not None and size != offer.total:
        raise ModelRefused(f"it has {size} bytes instead of {offer.total}")
    if offer.total is None and not (offer.sha256 or model.sha1):
        raise ModelRefused("the server names neither its size nor a sum to check it by")
    check_model_file(part, model, offer.sha256)
    part.with_name(f"{part.name}.tag").unlink(missing_ok=True)


def remove(part: Path) -> None:
    for path in (part, part.with_name(f"{part.name}.tag")):
        path.unlink(missing_ok=True)


def hide_password(url: str) -> str:
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None))
