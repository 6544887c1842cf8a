"""How well the chunks of a meeting are heard, in a process of its own.

Usage: python -m bench.wer_probe ENGINE. Prints one JSON object: ``fix`` where the engine cannot
work here, otherwise what was heard of the sample meeting in each of the ways.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import django

from bench.sounds import CHUNK_SECONDS, read_sample


def probe(engine: str) -> dict[str, Any]:
    # after django.setup()
    from transcription.audio import join  # noqa: PLC0415
    from transcription.engines.base import Options, get_engine, is_available  # noqa: PLC0415
    from transcription.transcribe import transcribe  # noqa: PLC0415
    from transcription.transcribe_long import transcribe_long  # noqa: PLC0415

    available = is_available(engine)
    if not available.is_ready:
        return {"fix": available.fix}
    chunks = list(cut_parts())
    alone = [transcribe(chunk, Options(), [engine]).text for chunk in chunks]
    return {
        "model": get_engine(engine).model,
        "alone": " ".join(alone),
        "stitched": hear_live(engine, chunks),
        "whole": transcribe_long([join(chunks)], Options(is_final=True), [engine]).text,
    }


def cut_parts() -> Iterator[Any]:
    """The sample as the recorder sends it, the last piece shorter."""
    sample = read_sample()
    count = int(-(-sample.duration // CHUNK_SECONDS))
    for index in range(count):
        yield sample.slice(index * CHUNK_SECONDS, (index + 1) * CHUNK_SECONDS)


def hear_live(engine: str, chunks: list[Any]) -> str:
    """What a viewer has read when the last chunk was heard: each with its tail, then stitched."""
    # after django.setup()
    from meetings.drafting import cut_tail, hear_sound  # noqa: PLC0415
    from meetings.drafts import believe_chunks  # noqa: PLC0415
    from meetings.models import AudioChunk  # noqa: PLC0415
    from transcription.audio import join  # noqa: PLC0415
    from transcription.engines.base import Options  # noqa: PLC0415

    rows, tail = [], join([])
    for index, chunk in enumerate(chunks):
        heard = hear_sound(tail, chunk, Options(), [engine])
        segments = [asdict(segment) for segment in heard.segments]
        rows.append(AudioChunk(index=index, samples=len(chunk.samples), heard=segments))
        tail = cut_tail(chunk)
    believed = believe_chunks(rows)
    return " ".join(segment.text for row in rows for _, segment in believed[row.index])


def main(arguments: list[str]) -> None:
    django.setup()
    print(json.dumps(probe(arguments[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
