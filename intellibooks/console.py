"""The console: one page for all of its addresses; the modules in it do the rest."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intellibooks.console_modules import SHEETS, list_modules, name_page
from intellibooks.identity import OPEN
from meetings import exporting, importing
from meetings.serializers import RECOMMENDED_CHUNK_SECONDS
from transcription.transcribe import current_engine

# No inline script, no style attribute, no other host: what people say and write stays text
# even where an escape was forgotten.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",  # an address may carry a public link's token
    "Cache-Control": "no-cache",
}


@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """The page of every address under /console/; which one it is, its router decides."""
    context = {"sheets": SHEETS, "modules": list_modules(name_page(request.path))}
    response = render(request, "console/shell.html", context)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


@require_safe
def public_config(request: HttpRequest) -> JsonResponse:
    """What anybody may know before logging in: version, how to log in, limits."""
    body = {
        "version": settings.VERSION,
        "auth_mode": getattr(settings, "AUTH_MODE", OPEN),
        "engine": current_engine() or "none",
        "max_chunk_bytes": settings.MAX_CHUNK_BYTES,
        "recommended_chunk_seconds": RECOMMENDED_CHUNK_SECONDS,
        "max_import_bytes": importing.max_bytes(),
        "max_import_seconds": importing.max_seconds(),
        "export_formats": list(exporting.NAMES),
    }
    return JsonResponse(body)
