"""Writes a ggml model for whisper.cpp that says one fixed sentence, so that the real program runs.

All layers are zero, so what the decoder sees is the embedding of the last token plus the embedding
of its position. Position p has a large value in a dimension of its own, and the token to be said
there has a one in the same dimension: it wins.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

STATE, HEADS, LAYERS, MELS, AUDIO_POSITIONS, TEXT_POSITIONS = 128, 2, 4, 80, 1500, 448
# The numbers of the English-only vocabulary, which whisper.cpp knows by heart.
VOCABULARY_SIZE, END_OF_TEXT, FIRST_TIMESTAMP = 51_864, 50_256, 50_363
TIMESTAMP_SECONDS = 0.02
F32, F16 = 0, 1

Tensors = Iterator[tuple[str, Any]]


def write_model(path: Path, sentence: str, end: float) -> None:
    """A model that hears ``sentence`` from 0 to ``end`` seconds, whatever is played to it."""
    words = [f" {word}" for word in sentence.split()]
    vocabulary = [" ", *dict.fromkeys(words)]
    spoken = [vocabulary.index(word) for word in words]
    last = FIRST_TIMESTAMP + round(end / TIMESTAMP_SECONDS)
    script = [FIRST_TIMESTAMP, *spoken, last, END_OF_TEXT]
    with path.open("wb") as file:
        write_header(file, vocabulary)
        for name, values in (*list_encoder(), *list_decoder(script)):
            write_tensor(file, name, values)


def write_header(file: BinaryIO, vocabulary: list[str]) -> None:
    audio = (AUDIO_POSITIONS, STATE, HEADS, LAYERS)
    text = (TEXT_POSITIONS, STATE, HEADS, LAYERS)
    file.write(b"lmgg" + struct.pack("<11i", VOCABULARY_SIZE, *audio, *text, MELS, F16))
    file.write(struct.pack("<2i", MELS, 201) + np.zeros((MELS, 201), np.float32).tobytes())
    file.write(struct.pack("<i", len(vocabulary)))
    for token in vocabulary:
        file.write(struct.pack("<i", len(token.encode())) + token.encode())


def list_encoder() -> Tensors:
    yield "encoder.positional_embedding", np.zeros((AUDIO_POSITIONS, STATE), np.float32)
    for number, inputs in ((1, MELS), (2, STATE)):
        yield f"encoder.conv{number}.weight", np.zeros((STATE, inputs, 3), np.float16)
        yield f"encoder.conv{number}.bias", np.zeros((STATE, 1), np.float32)
    yield from list_norm("encoder.ln_post")
    for layer in range(LAYERS):
        yield from list_block(f"encoder.blocks.{layer}", ("attn",))


def list_decoder(script: list[int]) -> Tensors:
    positions = np.zeros((TEXT_POSITIONS, STATE), np.float32)
    tokens = np.zeros((VOCABULARY_SIZE, STATE), np.float16)
    for position, token in enumerate(script):
        positions[position, position] = 100
        tokens[token, position] = 2
    yield "decoder.positional_embedding", positions
    yield "decoder.token_embedding.weight", tokens
    yield from list_norm("decoder.ln")
    for layer in range(LAYERS):
        yield from list_block(f"decoder.blocks.{layer}", ("attn", "cross_attn"))


def list_block(name: str, attentions: tuple[str, ...]) -> Tensors:
    yield from list_norm(f"{name}.mlp_ln")
    yield from list_linear(f"{name}.mlp.0", 4 * STATE, STATE)
    yield from list_linear(f"{name}.mlp.2", STATE, 4 * STATE)
    for attention in attentions:
        yield from list_norm(f"{name}.{attention}_ln")
        yield f"{name}.{attention}.key.weight", np.zeros((STATE, STATE), np.float16)
        for part in ("query", "value", "out"):
            yield from list_linear(f"{name}.{attention}.{part}", STATE, STATE)


def list_norm(name: str) -> Tensors:
    yield f"{name}.weight", np.ones(STATE, np.float32)
    yield f"{name}.bias", np.zeros(STATE, np.float32)


def list_linear(name: str, outputs: int, inputs: int) -> Tensors:
    yield f"{name}.weight", np.zeros((outputs, inputs), np.float16)
    yield f"{name}.bias", np.zeros(outputs, np.float32)


def write_tensor(file: BinaryIO, name: str, values: Any) -> None:
    kind = F16 if values.dtype == np.float16 else F32
    file.write(struct.pack("<3i", values.ndim, len(name), kind))
    file.write(struct.pack(f"<{values.ndim}i", *reversed(values.shape)))
    file.write(name.encode() + values.tobytes())
