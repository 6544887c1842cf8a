"""Whether the service lives, and whether it is ready for work."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError
from rq import Worker

from intellibooks.redis_connection import get_queue, get_redis
from transcription.transcribe import current_engine


def check_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"does not answer: {type(error).__name__}"
    return ""


def check_redis() -> str:
    try:
        get_redis().ping()
    except RedisError as error:
        return f"does not answer: {type(error).__name__}"
    return ""


def check_workers() -> str:
    """Each queue has a worker that listens."""
    try:
        idle = [name for name in ("live", "pipeline") if not Worker.count(queue=get_queue(name))]
    except RedisError:
        return "unknown while Redis does not answer"
    return f"no worker listens to {' and '.join(idle)}; start: manage.py work" if idle else ""


def check_media() -> str:
    try:
        storages["media"].exists("probe")
    except OSError as error:
        return f"cannot be reached: {error.strerror}"
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "redis": check_redis,
    "media": check_media,
    "workers": check_workers,
}


def run_checks() -> dict[str, str]:
    """Part -> "ok" or what is wrong with it."""
    return {name: check() or "ok" for name, check in CHECKS.items()}


def health(request: HttpRequest) -> JsonResponse:
    """200 while the process answers: recording goes on although a part may be away."""
    parts = run_checks()
    degraded = sorted(name for name, state in parts.items() if state != "ok")
    body: dict[str, Any] = {
        "status": "degraded" if degraded else "healthy",
        "service": "intellibooks-studio",
        "version": settings.VERSION,
        "engine": current_engine() or "none",
        "degraded": degraded,
        "parts": parts,
    }
    return JsonResponse(body)


def ready(request: HttpRequest) -> JsonResponse:
    """503 until every part works."""
    parts = run_checks()
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": is_ready, "parts": parts}, status=200 if is_ready else 503)
