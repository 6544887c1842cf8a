"""What the service says of itself about the encryption of its audio."""

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError

from intellibooks.checkup.base import Check, Finding, Level, is_off, warns, works
from intellibooks.media_keys import MediaKeys
from meetings.encryption.rewriting import Census, take_census
from meetings.models import AudioChunk, Meeting

MEETINGS_LOOKED_AT = 200  # the oldest, in which an old key is found, and as many of the newest
LOOK_SECONDS, LIMIT_SECONDS = 8.0, 12.0
MAKE_KEY = (
    'echo "MEDIA_ENCRYPTION_KEYS=k1:$(openssl rand -base64 32)" >> .env'
    "   # keep a copy elsewhere: without it the audio is lost"
)
ENCRYPT = "python manage.py encrypt_media"
ADD_KEY = "echo MEDIA_ENCRYPTION_KEYS=...,{}:... >> .env   # the key as it was"


def check_setting() -> Finding:
    keys: MediaKeys = settings.MEDIA_ENCRYPTION_KEYS
    if not keys.keys:
        return is_off("audio is stored as it comes (optional)", MAKE_KEY)
    if not keys.writing:
        said = f"new audio is stored as it comes; {', '.join(keys.keys)} can be read"
        return is_off(said, f"{ENCRYPT} --decrypt   # for what is encrypted still")
    others = [name for name in keys.keys if name != keys.writing]
    more = f"; {', '.join(others)} can be read too" if others else ""
    return works(f"new audio is encrypted with the key {keys.writing}{more}")


def check_files() -> Finding:
    """The setting, and whether the files that are there fit to it; not all are looked at."""
    finding = check_setting()
    try:
        census = take_census(list_some_names())
    except (OSError, DatabaseError):
        return finding  # other lines tell what is away
    return judge(finding, census)


def judge(finding: Finding, census: Census) -> Finding:
    keys: MediaKeys = settings.MEDIA_ENCRYPTION_KEYS
    of = f"of {census.looked_at} files looked at"
    unknown = {name: n for name, n in census.keys.items() if name and name not in keys.keys}
    if unknown:
        count, named = sum(unknown.values()), ", ".join(unknown)
        said = f"{count} {of} need the key {named}, which MEDIA_ENCRYPTION_KEYS does not hold"
        return warns(said, ADD_KEY.format(next(iter(unknown))), finding.found)
    if census.damaged:
        said = f"{census.damaged} {of} are damaged"
        return warns(said, "python manage.py verify", finding.found)
    plain = census.keys.get("", 0)
    if keys.writing and plain:
        return warns(f"{plain} {of} are not encrypted", ENCRYPT, finding.found)
    return finding


def list_some_names() -> Iterator[str]:
    """A recording or a chunk of each of the oldest and the newest meetings."""
    ends_at = time.monotonic() + LOOK_SECONDS
    seen: set[str] = set()
    for order in ("created_at", "-created_at"):
        rows = Meeting.objects.order_by(order).values_list("pk", "recording_name")
        for meeting_id, recording in rows[:MEETINGS_LOOKED_AT]:
            if meeting_id in seen or time.monotonic() > ends_at:
                continue
            seen.add(meeting_id)
            chunks = AudioChunk.objects.filter(meeting_id=meeting_id).exclude(name="")
            first = chunks.order_by("index").values_list("name", flat=True).first()
            yield from filter(None, (recording, first))


CHECKS = (
    Check("encryption", check_setting),
    Check("encryption", check_files, Level.THOROUGH, seconds=LIMIT_SECONDS),
)
