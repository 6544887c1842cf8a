"""Strict readers of SubRip and WebVTT: whatever is not exactly the format is an AssertionError."""

import re
from dataclasses import dataclass
from html import unescape

SRT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"
VTT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
VOICE = re.compile(r"<v (?P<speaker>[^<>\n]+)>(?P<text>.*)</v>", re.S)


@dataclass(frozen=True)
class Caption:
    start: int
    end: int
    lines: list[str]
    speaker: str = ""


def read_times(line: str, pattern: str) -> tuple[int, int]:
    found = re.fullmatch(f"{pattern} --> {pattern}", line)
    assert found, line
    numbers = [int(number) for number in found.groups()]
    start, end = (
        ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
        for hours, minutes, seconds, rest in (numbers[:4], numbers[4:])
    )
    assert start < end
    return start, end


def read_srt(content: bytes) -> list[Caption]:
    text = content.decode()
    assert "\n" not in text.replace("\r\n", "")
    captions: list[Caption] = []
    blocks = text.split("\r\n\r\n") if text else []
    for position, block in enumerate(blocks):
        number, times, *lines = block.removesuffix("\r\n").split("\r\n")
        assert number == str(position + 1)
        assert lines
        assert all(line.strip() and not set("<>{}") & set(line) for line in lines)
        captions.append(Caption(*read_times(times, SRT_TIME), lines))
    return captions


def read_vtt(content: bytes) -> list[Caption]:
    text = content.decode()
    assert "\r" not in text
    assert "\0" not in text
    head, *blocks = text.removesuffix("\n").split("\n\n")
    assert head == "WEBVTT"
    captions: list[Caption] = []
    for block in blocks:
        first, *lines = block.split("\n")
        if first == "NOTE":
            assert not captions
            assert "-->" not in block
            continue
        captions.append(read_cue(first, lines))
    return captions


def read_cue(first: str, lines: list[str]) -> Caption:
    payload = "\n".join(lines)
    assert "-->" not in payload
    voice = VOICE.fullmatch(payload)
    text = voice["text"] if voice else payload
    assert not set("<>") & set(text)
    assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", payload)
    shown = [unescape(line) for line in text.split("\n")]
    assert all(line.strip() for line in shown)
    return Caption(*read_times(first, VTT_TIME), shown, unescape(voice["speaker"]) if voice else "")
