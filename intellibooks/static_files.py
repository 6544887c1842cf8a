"""Static files, the text among them compressed.

WhiteNoise by itself sends compressed only what a collectstatic step has compressed before; this
service needs no such step. What pages answer stays as it is: compressing secrets beside what a
stranger chose would tell him their length (BREACH), and a static file holds none.
"""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

TEXTS = ("text/", "application/javascript", "application/json", "image/svg+xml")
LEAST_BYTES = 200  # below, the frame of a compressed file is most of it
MOST_FILES = 1000  # kept compressed: all that there are, of the console and of the admin


class CompressedFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # it tells no types
    """Django middleware in WhiteNoise's place; the same headers, a shorter body."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
        if not is_text or int(response.headers.get("Content-Length", 0)) < LEAST_BYTES:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not is_wanted(request) or response.status_code != HttpResponse.status_code:
            return response
        path, _ = static_file.get_path_and_headers({})
        shorter = HttpResponse(compress(path, static_file.etag), headers=response.headers)
        response.close()
        shorter.headers["Content-Length"] = str(len(shorter.content))
        shorter.headers["Content-Encoding"] = "gzip"
        return shorter


def is_wanted(request: HttpRequest) -> bool:
    encodings = request.headers.get("Accept-Encoding", "").lower().split(",")
    return request.method == "GET" and any(
        encoding.split(";")[0].strip() == "gzip" and not encoding.strip().endswith("q=0")
        for encoding in encodings
    )


@lru_cache(MOST_FILES)
def compress(path: str, etag: str) -> bytes:
    """The file; ``etag`` makes one that was changed another one."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)
