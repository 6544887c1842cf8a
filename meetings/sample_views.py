"""The sample meeting that comes with the service, taken in like any other recording."""

from pathlib import Path

from django.core.files.base import File
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from meetings import import_jobs
from meetings.import_views import ImportAnswer
from meetings.permissions import list_visible, name_owner

SAMPLE = Path(__file__).parent / "sample" / "meeting.opus"
TITLE = "Weekly team meeting (sample)"


class SampleActions:
    """The sample action of the meeting's view set."""

    @extend_schema(request=None, responses=ImportAnswer)
    @action(detail=False, methods=["post"])
    def sample(self, request: Request) -> Response:
        """A staged meeting of two minutes becomes one of yours; known already, it is named."""
        with SAMPLE.open("rb") as file:
            upload = File(file, SAMPLE.name)
            imported = import_jobs.accept_upload(
                upload, title=TITLE, owner=name_owner(request), among=list_visible(request)
            )
        body = {
            "session_id": imported.meeting.pk,
            "status": imported.meeting.status,
            "title": imported.meeting.conversation.title,
            "duplicate": imported.is_known,
            "bytes": SAMPLE.stat().st_size,
        }
        return Response(body)
