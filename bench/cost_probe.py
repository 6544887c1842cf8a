"""The service's own use of whisper-cli over a meeting, in a process of its own.

Usage: python -m bench.cost_probe PASS with PASS live or final; WHISPER_MODEL_PATH names the model.
Prints one JSON object: ``cpu_seconds`` of the programs that were run, or ``fix``.
"""

import json
import os
import sys
from itertools import pairwise

import django

from bench.sounds import build_sparse_meeting, cut_pieces


def hear_live() -> None:
    # after django.setup()
    from meetings.drafting import cut_tail, hear_sound  # noqa: PLC0415
    from transcription.audio import join  # noqa: PLC0415
    from transcription.engines.base import Options  # noqa: PLC0415

    for before, piece in pairwise([join([]), *cut_pieces(build_sparse_meeting())]):
        hear_sound(cut_tail(before), piece, Options(), ["whisper_cli"])


def hear_final() -> None:
    # after django.setup()
    from transcription.engines.base import Options  # noqa: PLC0415
    from transcription.transcribe_long import transcribe_long  # noqa: PLC0415

    transcribe_long([build_sparse_meeting()], Options(is_final=True), ["whisper_cli"])


def main(arguments: list[str]) -> None:
    django.setup()
    # after django.setup(); the first look at the program is not part of the work
    from transcription.engines.base import is_available  # noqa: PLC0415

    available = is_available("whisper_cli")
    if not available.is_ready:
        print(json.dumps({"fix": available.fix}))
        return
    before = os.times()
    {"live": hear_live, "final": hear_final}[arguments[0]]()
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    print(json.dumps({"cpu_seconds": used}))


if __name__ == "__main__":
    main(sys.argv[1:])
