"""What one engine hears where nobody speaks, in a process of its own.

Usage: python -m bench.ghost_probe ENGINE MINUTES. Prints one JSON object: sound -> words,
and ``fix`` where the engine cannot work here.
"""

import json
import sys
import time
from typing import Any

import django

from bench.noises import NOISES


def probe(engine: str, minutes: float) -> dict[str, Any]:
    # after django.setup()
    from transcription.engines.base import Options, is_available  # noqa: PLC0415
    from transcription.transcribe_long import transcribe_long  # noqa: PLC0415

    available = is_available(engine)
    if not available.is_ready:
        return {"fix": available.fix}
    heard: dict[str, list[Any]] = {}
    for name, make in NOISES.items():
        started = time.monotonic()
        found = transcribe_long([make(minutes * 60)], Options(is_final=True), [engine])
        heard[name] = [found.text, round(time.monotonic() - started, 2)]
    return {"heard": heard}


def main(arguments: list[str]) -> None:
    django.setup()
    print(json.dumps(probe(arguments[0], float(arguments[1]))))


if __name__ == "__main__":
    main(sys.argv[1:])
