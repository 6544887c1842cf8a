"""The page at the service's address: what runs here and where to go on."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intellibooks.health import run_checks
from transcription.transcribe import current_engine


def front(request: HttpRequest) -> HttpResponse:
    context = {
        "version": settings.VERSION,
        "engine": current_engine() or "none",
        "parts": run_checks(),
    }
    return render(request, "intellibooks/front.html", context)
