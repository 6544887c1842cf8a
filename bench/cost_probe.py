"""The service's own use of whisper-cli over a meeting, in a process of its own.

Usage: python -m bench.cost_probe PASS ENGINE with PASS live or final, and ENGINE whisper_cli or
whisper_resident; WHISPER_MODEL_PATH names the model.
Prints one JSON object: ``cpu_seconds`` of the programs that were run for so many ``minutes`` of
the meeting, or ``fix``.
"""

import json
import os
import sys
from contextlib import suppress
from itertools import pairwise

import django
import psutil

from bench.sounds import build_sparse_meeting, cut_pieces


def hear_live(engine: str) -> float:
    # after django.setup()
    from meetings.drafting import cut_tail, hear_sound  # noqa: PLC0415
    from transcription.audio import join  # noqa: PLC0415
    from transcription.engines.base import Options  # noqa: PLC0415

    meeting = build_sparse_meeting()
    for before, piece in pairwise([join([]), *cut_pieces(meeting)]):
        hear_sound(cut_tail(before), piece, Options(), [engine])
    return meeting.duration


def hear_final(engine: str) -> float:
    # after django.setup()
    from transcription.audio import join  # noqa: PLC0415
    from transcription.engines.base import Options  # noqa: PLC0415
    from transcription.transcribe_long import read_blocks, transcribe_long  # noqa: PLC0415
    from transcription.windows import WINDOW_SECONDS  # noqa: PLC0415

    meeting = join([build_sparse_meeting()] * 2)
    *_, full, _ = (
        block.offset + window.end
        for block in read_blocks([meeting], WINDOW_SECONDS)
        for window in block.windows
    )
    # Without the last window: it is not full, which does not matter in an hour.
    transcribe_long([meeting.slice(0, full)], Options(is_final=True), [engine])
    return full


def read_cpu_seconds() -> float:
    """Of the programs that were started and have ended, and of those that still run."""
    times = os.times()
    total = times.children_user + times.children_system
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            total += sum(child.cpu_times()[:2])
    return total


def main(arguments: list[str]) -> None:
    django.setup()
    # after django.setup(); the first look at the program is not part of the work
    from transcription.engines.base import is_available  # noqa: PLC0415

    name, engine = arguments
    available = is_available(engine)
    if not available.is_ready:
        print(json.dumps({"fix": available.fix}))
        return
    before = read_cpu_seconds()
    seconds = {"live": hear_live, "final": hear_final}[name](engine)
    used = read_cpu_seconds() - before
    print(json.dumps({"cpu_seconds": used, "minutes": seconds / 60}))


if __name__ == "__main__":
    main(sys.argv[1:])
