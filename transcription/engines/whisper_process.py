"""Holds a Whisper model in memory and answers requests on its pipes, one after another.

Run as a script of its own by ``whisper_child``, never imported by the service: native code may
crash or hang, deadlocks when its process forks, and hears no signal while it computes. No Django.

Usage: whisper_process.py MODEL_FILE NICENESS. A frame is four bytes of length, then JSON. The first
frame out says that the model is loaded. A request is a frame (see ``WhisperOrder``) and 16 kHz mono
PCM16; its answer is a frame in the shape of whisper-cli's result file, ``{"error": sentence}``,
or ``{"is_broken": true}`` for a model that misses parts.
"""

import json
import os
import struct
import sys
from typing import Any, BinaryIO, TypedDict

LENGTH = struct.Struct(">I")
LONGEST_FRAME = 64 * 1024 * 1024
MILLISECONDS_PER_TICK = 10


class WhisperOrder(TypedDict):
    """``bytes`` of sound follow. ``audio_ctx`` 0 is the whole encoder window."""

    bytes: int
    language: str
    prompt: str
    threads: int
    beam: int
    temperature_inc: float
    audio_ctx: int
    no_speech_thold: float
    logprob_thold: float


def write_frame(pipe: BinaryIO, content: Any) -> None:
    encoded = json.dumps(content).encode()
    pipe.write(LENGTH.pack(len(encoded)) + encoded)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> Any:
    """The next frame. Raises EOFError at the end of the pipe and ValueError for no frame."""
    (length,) = LENGTH.unpack(read_exactly(pipe, LENGTH.size))
    if length > LONGEST_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return json.loads(read_exactly(pipe, length))


def read_exactly(pipe: BinaryIO, count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content


def load_model(path: str) -> Any:
    """The model; the process crashes here if the file is none, which tells the parent enough."""
    import _pywhispercpp as native  # type: ignore[import-not-found]  # noqa: PLC0415
    from pywhispercpp import model as package  # noqa: PLC0415

    if not os.path.isfile(path):  # what is no file is taken for a name and downloaded
        raise FileNotFoundError(path)
    model: Any = package.Model(
        path, print_progress=False, print_realtime=False, print_timestamps=False
    )
    native.whisper_model_n_vocab(model._ctx)  # noqa: SLF001 - a null pointer shows itself here
    return model


def answer(model: Any, order: WhisperOrder, sound: bytes) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415 - only in this process, and only when the model is there

    samples = np.frombuffer(sound, "<i2").astype(np.float32) / 32768
    # What is set stays set for the next request, so everything is set each time.
    model.transcribe(
        samples,
        language=order["language"],
        initial_prompt=order["prompt"],
        # 0 tokens of context: a mistake in one window is not carried into the next. It also
        # switches the prompt off.
        n_max_text_ctx=224 if order["prompt"] else 0,
        n_threads=order["threads"],
        strategy=choose_strategy(order["beam"]),
        beam_search={"beam_size": order["beam"], "patience": -1.0},
        greedy={"best_of": order["beam"]},
        temperature_inc=order["temperature_inc"],
        audio_ctx=order["audio_ctx"],
        no_speech_thold=order["no_speech_thold"],
        logprob_thold=order["logprob_thold"],
        suppress_nst=True,
        token_timestamps=True,
        no_context=True,
    )
    return describe_result(model._ctx)  # noqa: SLF001 - the package shows no tokens


def choose_strategy(beam: int) -> Any:
    import _pywhispercpp as native  # noqa: PLC0415 - heavy, and only in this process

    strategies = native.whisper_sampling_strategy
    if beam > 1:
        return strategies.WHISPER_SAMPLING_BEAM_SEARCH
    return strategies.WHISPER_SAMPLING_GREEDY


def describe_result(context: Any) -> dict[str, Any]:
    import _pywhispercpp as native  # noqa: PLC0415 - heavy, and only in this process

    count = native.whisper_full_n_segments(context)
    language = native.whisper_lang_str(native.whisper_full_lang_id(context))
    entries = [describe_segment(native, context, index) for index in range(count)]
    return {"result": {"language": language}, "transcription": entries}


def describe_segment(native: Any, context: Any, index: int) -> dict[str, Any]:
    start = native.whisper_full_get_segment_t0(context, index)
    end = native.whisper_full_get_segment_t1(context, index)
    text = native.whisper_full_get_segment_text(context, index).decode(errors="replace")
    tokens = range(native.whisper_full_n_tokens(context, index))
    return {
        "offsets": describe_times(start, end),
        "text": text,
        "tokens": [describe_token(native, context, index, number) for number in tokens],
    }


def describe_token(native: Any, context: Any, index: int, number: int) -> dict[str, Any]:
    token = native.whisper_full_get_token_data(context, index, number)
    text = native.whisper_token_to_bytes(context, token.id).decode(errors="replace")
    return {"text": text, "p": token.p, "offsets": describe_times(token.t0, token.t1)}


def describe_times(start: int, end: int) -> dict[str, int]:
    return {"from": start * MILLISECONDS_PER_TICK, "to": end * MILLISECONDS_PER_TICK}


def serve(model: Any, requests: BinaryIO, answers: BinaryIO) -> None:
    """Until the parent closes its end."""
    while True:
        try:
            order: WhisperOrder = read_frame(requests)
            sound = read_exactly(requests, order["bytes"])
        except EOFError:
            return
        try:
            result = answer(model, order, sound)
        except LookupError:
            # A file that ends before its weights: the library takes it for a model made for tests.
            result = {"is_broken": True}
        except (RuntimeError, ValueError, TypeError) as error:
            result = {"error": str(error)}
        write_frame(answers, result)


def main() -> None:
    # The library prints on stdout: our pipe becomes a descriptor of its own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(int(sys.argv[2]))
    model = load_model(sys.argv[1])
    write_frame(answers, {"is_ready": True})
    serve(model, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
