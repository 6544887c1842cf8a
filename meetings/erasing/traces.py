"""Where a meeting is found: rows of every table that leads to it, files, keys of Redis."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model, Q
from django.db.models.functions import Cast
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from chat.models import Conversation
from intellibooks.redis_connection import get_queue_redis, get_redis
from meetings import import_jobs, media, orphans, spool
from meetings.models import Meeting

TEXTS = (models.CharField, models.TextField, models.JSONField)
# Shorter ids stand by chance in texts that have nothing to do with them.
SHORTEST_SEARCHED = 8
# Who did what to which id, and never what was said: the proof of the erasure itself stands there.
KEPT = {"intellibooks_auditentry", "django_admin_log"}
JOB = Job.redis_job_namespace_prefix


@dataclass(frozen=True, slots=True)
class Traces:
    """``rows`` are counted by table, ``mentions`` of tables that only name the id in a text."""

    rows: dict[str, int] = field(default_factory=dict)
    mentions: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # name -> bytes
    spooled: int = 0
    redis: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """But for what is kept on purpose."""
        loose = set(self.mentions) - KEPT
        return not (self.rows or loose or self.files or self.spooled or self.redis)


def find_traces(meeting: Meeting) -> Traces:
    """The meeting need not be there any more. Raises DatabaseError, OSError, RedisError."""
    return Traces(
        rows=count_rows(meeting.pk),
        mentions=count_mentions(meeting.pk),
        files={name: media.get_storage().size(name) for name in list_files(meeting)},
        spooled=sum(1 for _ in spool.list_entries_of(meeting.pk)),
        redis=list_keys(meeting),
    )


def count_rows(meeting_id: str) -> dict[str, int]:
    counts = {
        model: model._base_manager.filter(build_filter(lookups, meeting_id)).count()  # noqa: SLF001
        for model, lookups in list_tied().items()
    }
    return {name_table(model): count for model, count in counts.items() if count}


def list_tied() -> dict[type[Model], list[str]]:
    """Every model from which foreign keys lead to a room, and by which ways."""
    tied: dict[type[Model], list[str]] = {Conversation: ["pk"]}
    while found := [
        model for model in list_models() if model not in tied and find_ways(model, tied)
    ]:
        tied.update({model: find_ways(model, tied) for model in found})
    return tied


def list_models() -> list[type[Model]]:
    return list(apps.get_models(include_auto_created=True))


def find_ways(model: type[Model], tied: dict[type[Model], list[str]]) -> list[str]:
    keys = [one for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey)]  # noqa: SLF001
    return [f"{key.name}__{way}" for key in keys for way in tied.get(key.related_model, ())]


def build_filter(lookups: list[str], meeting_id: str) -> Q:
    found = Q()
    for lookup in lookups:
        found |= Q(**{lookup: meeting_id})
    return found


def count_mentions(meeting_id: str) -> dict[str, int]:
    """Rows that no key ties to a room and whose texts name the id."""
    if len(meeting_id) < SHORTEST_SEARCHED:
        return {}
    loose = [model for model in list_models() if model not in list_tied()]
    counts = {name_table(model): count_mentions_in(model, meeting_id) for model in loose}
    return {table: count for table, count in counts.items() if count}


def count_mentions_in(model: type[Model], meeting_id: str) -> int:
    texts = [one for one in model._meta.concrete_fields if isinstance(one, TEXTS)]  # noqa: SLF001
    if not texts or not model._meta.managed:  # noqa: SLF001
        return 0
    as_text: dict[str, Any] = {
        f"text_{number}": Cast(one.name, models.TextField()) for number, one in enumerate(texts)
    }
    named = Q()
    for name in as_text:
        named |= Q(**{f"{name}__contains": meeting_id})
    count: int = model._base_manager.alias(**as_text).filter(named).count()  # noqa: SLF001
    return count


def name_table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def list_files(meeting: Meeting) -> Iterator[str]:
    """Chunks, recordings, what was moved aside, and the upload it was made of."""
    aside = (f"{orphans.ORPHANS}/{day}/{meeting.media_key}" for day in orphans.list_days())
    for folder in (meeting.media_key, *aside):
        yield from orphans.list_names(folder)
    yield from import_jobs.list_sources_of(meeting)


def list_keys(meeting: Meeting) -> list[str]:
    """Whatever names the meeting or its files, jobs too. SCAN, so that nobody waits."""
    found = {
        key.decode()
        for name in (meeting.pk, meeting.media_key)
        for key in get_redis().scan_iter(match=f"*{name}*", count=1000)
        if len(name) >= SHORTEST_SEARCHED
    }
    return sorted(found)


def remove_keys(meeting: Meeting) -> None:
    """Raises RedisError."""
    for key in list_keys(meeting):
        if key.startswith(JOB):
            remove_job(key.removeprefix(JOB))
        get_redis().delete(key)


def remove_job(job_id: str) -> None:
    """Out of its queue and every list that RQ keeps."""
    try:
        Job.fetch(job_id, connection=get_queue_redis(), serializer=JSONSerializer).delete()
    except (NoSuchJobError, ValueError):
        return  # over meanwhile, or a key of RQ's that is no job
