"""Days and moments in the query of a list."""

import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "example": "2026-11-22"})
class MomentField(serializers.Field[datetime.datetime, Any, str, Any]):
    """A day (UTC) or an ISO 8601 moment; with ``is_end`` a day means its last instant."""

    default_error_messages = {  # noqa: RUF012 - DRF reads it as a class attribute
        "invalid": "Write a day as 2026-11-22 or a moment as 2026-11-22T10:00:00Z."
    }

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.is_end = is_end

    def to_internal_value(self, data: Any) -> datetime.datetime:
        try:
            day, moment = parse_date(str(data)), parse_datetime(str(data).replace(" ", "+"))
        except ValueError:
            self.fail("invalid")
        if day is not None:
            at = datetime.time.max if self.is_end else datetime.time.min
            return datetime.datetime.combine(day, at, datetime.UTC)
        if moment is None:
            self.fail("invalid")
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def to_representation(self, value: datetime.datetime) -> str:
        return value.isoformat()
