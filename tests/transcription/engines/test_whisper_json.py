import json
from typing import Any

from transcription.engines.whisper_json import read_heard
from transcription.types import Segment, Word


def write_token(text: str, start: int, end: int, p: float = 0.9) -> dict[str, Any]:
    return {"text": text, "offsets": {"from": start, "to": end}, "p": p}


def write_entry(text: str, start: int, end: int, tokens: Any = ()) -> dict[str, Any]:
    offsets = {"from": start, "to": end}
    return {"text": text, "offsets": offsets, "tokens": list(tokens)}


def read(*entries: dict[str, Any], duration: float = 10.0, words: bool = True) -> list[Segment]:
    text = json.dumps({"transcription": entries})
    return list(read_heard(text, duration, want_words=words, engine="whisper").segments)


def test_pieces_of_words_are_joined() -> None:
    tokens = [
        write_token("[_BEG_]", 0, 0),
        write_token(" un", 100, 200, 0.8),
        write_token("done", 200, 400, 0.6),
        write_token(" work", 400, 700, 1.0),
        write_token(".", 700, 700, 0.6),
        write_token("[_TT_50]", 1000, 1000, 0.1),
    ]
    (segment,) = read(write_entry(" undone work.", 0, 1000, tokens))
    assert segment.words == (Word("undone", 0.1, 0.4, 0.7), Word("work.", 0.4, 0.7, 0.8))
    assert segment.confidence == 0.75


def test_halves_of_a_letter_are_spelled_as_in_the_text() -> None:
    tokens = [write_token(" caf\ufffd", 0, 100), write_token("\ufffd", 100, 200)]
    (segment,) = read(write_entry(" caf\u00e9", 0, 200, tokens))
    assert [word.text for word in segment.words] == ["caf\u00e9"]


def test_times_never_leave_the_sound() -> None:
    (segment,) = read(write_entry(" hello", -50, 30_000), duration=4.0)
    assert (segment.start, segment.end) == (0.0, 4.0)


def test_remarks_about_the_sound_are_no_speech() -> None:
    remarks = ["[BLANK_AUDIO]", " (music) ", "*laughs*", "\u266a \u266a", "[Music] (applause)", ""]
    assert read(*(write_entry(text, 0, 100) for text in remarks)) == []


def test_speech_with_a_remark_stays() -> None:
    assert read(write_entry(" Yes (laughs) indeed", 0, 100))[0].text == "Yes (laughs) indeed"


def test_segments_come_in_order_of_time() -> None:
    segments = read(write_entry(" two", 500, 900), write_entry(" one", 0, 400))
    assert [segment.text for segment in segments] == ["one", "two"]


def test_zero_bytes_are_removed() -> None:
    text = '{"transcription": [{"offsets": {"from": 0, "to": 9}, "text": " a\\u0000b\x00"}]}'
    heard = read_heard(text, 1.0, want_words=True, engine="whisper")
    assert heard.segments[0].text == "ab"


def test_words_are_left_out_where_nobody_wants_them() -> None:
    (segment,) = read(write_entry(" hi", 0, 100, [write_token(" hi", 0, 100)]), words=False)
    assert segment.words == ()
    assert segment.confidence == 0.9
