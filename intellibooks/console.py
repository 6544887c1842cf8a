"""The console: one page for all of its addresses; the modules in it do the rest."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
STATIC = (Path(__file__).parent / "static" / "console").resolve()
IMPORT = re.compile(r'^(?:import|export)\b[^"]*?"(\.[^"]+\.js)";', re.MULTILINE)
# In the order in which the later ones may overrule the earlier.
SHEETS = tuple(
    f"console/css/{name}.css"
    for name in (
        *("tokens", "base", "components", "states", "overlays", "library"),
        *("deck", "transcript", "notes", "review", "record", "recorder"),
    )
)
PAGES = {"": "library", "m": "review"}  # the others are named as their address


@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """The page of every address under /console/; which one it is, its router decides."""
    context = {"sheets": SHEETS, "modules": list_modules(name_page(request.path))}
    response = render(request, "console/shell.html", context)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def name_page(path: str) -> str:
    """The module that the router will load for that address."""
    first = path.removeprefix("/console").strip("/").partition("/")[0]
    name = PAGES.get(first, first)
    return name if name in list_pages() else "missing"


@lru_cache
def list_pages() -> frozenset[str]:
    return frozenset(path.stem for path in (STATIC / "pages").glob("*.js"))


@lru_cache
def list_modules(page: str) -> tuple[str, ...]:
    """What that page is made of: told to the browser at once, so that it need not find out."""
    found: set[Path] = set()
    waiting = [STATIC / "app.js", STATIC / "pages" / f"{page}.js"]
    while waiting:
        module = waiting.pop().resolve()
        if module not in found:
            found.add(module)
            waiting += [module.parent / name for name in IMPORT.findall(module.read_text())]
    return tuple(sorted(f"console/{path.relative_to(STATIC).as_posix()}" for path in found))


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
