"""Whether the service lives, whether it is ready for work, and what each part says of itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intellibooks.checkup import machine, stores
from intellibooks.checkup.base import Check, Level, Report, run_checks
from intellibooks.errors import Forbidden
from intellibooks.identity import identify, is_open
from meetings.checks import CHECKS as MEETING_CHECKS
from transcription.checks import CHECKS as SPEECH_CHECKS
from transcription.transcribe import current_engine

SERVICE = "intellibooks-studio"
OUR_COMMAND = "python manage.py"
CHECKS: tuple[Check, ...] = (
    *machine.CHECKS,
    *stores.CHECKS,
    *SPEECH_CHECKS,
    *MEETING_CHECKS,
)


def look_at_essentials() -> dict[str, str]:
    """Part -> "ok" or what is wrong with it, of those that a meeting cannot do without."""
    return {report.check.name: summarise(report) for report in run_checks(CHECKS, Level.ESSENTIAL)}


def summarise(report: Report) -> str:
    """For whoever comes by: paths and addresses are in ``found``, and in a fix that is not ours."""
    if report.is_ready:
        return "ok"
    fix = report.finding.fix
    advice = f"; run: {fix}" if fix.startswith(OUR_COMMAND) else ""
    return f"{report.finding.error or 'not started yet'}{advice}"


def health(request: HttpRequest) -> JsonResponse:
    """200 while the process answers: recording goes on although a part may be away."""
    parts = look_at_essentials()
    degraded = sorted(name for name, state in parts.items() if state != "ok")
    body: dict[str, Any] = {
        "status": "degraded" if degraded else "healthy",
        "service": SERVICE,
        "version": settings.VERSION,
        "engine": current_engine() or "none",
        "degraded": degraded,
        "parts": parts,
    }
    return JsonResponse(body)


def ready(request: HttpRequest) -> JsonResponse:
    """503 until every essential part works."""
    parts = look_at_essentials()
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": is_ready, "parts": parts}, status=200 if is_ready else 503)


def describe_reports(reports: list[Report]) -> dict[str, Any]:
    """What the page and ``doctor --json`` show."""
    return {
        "ok": not any(report.is_problem for report in reports),
        "version": settings.VERSION,
        "engine": current_engine() or "none",
        "generated_at": timezone.now().isoformat(),
        "checks": [report.describe() for report in reports],
    }


class CheckAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(("ok", "warning", "failed", "off"))
    found = serializers.CharField(help_text="what is there")
    error = serializers.CharField(help_text="what is wrong with it")
    fix = serializers.CharField(help_text="one line for a shell")
    seconds = serializers.FloatField(help_text="how long the look took")

    def get_fields(self) -> dict[str, Any]:
        # "required" is what every field knows about itself, so it cannot be an attribute.
        required = serializers.BooleanField(help_text="the service cannot work without it")
        return {**super().get_fields(), "required": required}


class ServiceStatus(serializers.Serializer[Any]):
    ok = serializers.BooleanField(help_text="no required part fails")
    version = serializers.CharField()
    engine = serializers.CharField(help_text="that would be asked first, or none")
    generated_at = serializers.DateTimeField()
    checks = CheckAnswer(many=True)


class StatusView(APIView):
    """``GET /api/status``."""

    @extend_schema(responses=ServiceStatus)
    def get(self, request: Request) -> Response:
        """Every part: state, what is there, what is wrong, how to mend it. For staff."""
        if not is_open() and not identify(request).is_staff:
            raise Forbidden("The state of the machine is for staff.")
        return Response(describe_reports(run_checks(CHECKS, Level.CHEAP)))
