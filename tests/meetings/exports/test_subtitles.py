from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings

from meetings.exports.document import Document, Line
from meetings.exports.subtitles import write_srt, write_vtt
from tests.meetings.exports import documents
from tests.meetings.exports.captions import Caption, read_srt, read_vtt
from transcription.types import Word

LONG = (
    "we looked at the budget for the next quarter and found that the costs of the new website "
    "are much higher than anybody had expected when the project began in the spring"
)


def with_lines(*lines: Line) -> Document:
    return replace(documents.FULL, lines=lines)


def read_long(words: tuple[Word, ...] = ()) -> list[Caption]:
    return read_vtt(write_vtt(with_lines(Line(10.0, 30.0, LONG, "Ann", words=words))))


def test_srt_names_a_speaker_where_it_changes() -> None:
    captions = read_srt(write_srt(documents.FULL))
    assert captions[0] == Caption(
        500, 4500, ["Robert: Good morning everyone,", "and welcome to the meeting."]
    )
    assert captions[1].lines == ["Susan: I will send the slides on Thursday."]
    assert captions[3].lines == ["Robert: See you."]


def test_vtt_names_the_speaker_of_every_cue() -> None:
    captions = read_vtt(write_vtt(documents.FULL))
    assert [caption.speaker for caption in captions] == ["Robert", "Susan", "", "Robert"]
    assert captions[3] == Caption(3_725_000, 3_728_000, ["See you."], "Robert")


def test_missing_audio_is_one_short_caption_where_it_begins() -> None:
    caption = read_vtt(write_vtt(documents.FULL))[2]
    assert caption == Caption(20_000, 26_640, ["[missing audio 00:20-00:30]"])


def test_long_speech_becomes_readable_captions_with_all_its_words() -> None:
    captions = read_long()
    assert " ".join(line for caption in captions for line in caption.lines) == LONG
    assert (captions[0].start, captions[-1].end) == (10_000, 30_000)


def test_captions_begin_when_their_first_word_is_said() -> None:
    texts = LONG.split()
    words = tuple(Word(text, 10 + 0.1 * n, 10.1 + 0.1 * n) for n, text in enumerate(texts))
    for caption in read_long(words):
        first = caption.lines[0].split()[0]
        assert caption.start in {10_000 + 100 * n for n, text in enumerate(texts) if text == first}


def test_corrected_text_keeps_the_times_of_the_words_that_stayed() -> None:
    spans = {"send": (0.0, 0.5), "slide": (0.5, 1.0), "on": (6.0, 6.5), "friday": (6.5, 7.0)}
    heard = tuple(Word(text, *span) for text, span in spans.items())
    line = Line(0.0, 9.0, "Please send both slides. On Friday, then.", words=heard)
    captions = read_vtt(write_vtt(with_lines(line)))
    assert captions == [
        Caption(0, 1000, ["Please send both slides."]),
        Caption(6000, 9000, ["On Friday, then."]),
    ]


def test_people_who_speak_at_once_get_captions_one_after_another() -> None:
    both = [Line(1.0, 5.0, f"{name} speaks", name) for name in ("Ann", "Bob", "Cy")]
    captions = read_srt(write_srt(with_lines(*both)))
    assert [caption.start for caption in captions] == [1000, 1200, 1400]
    assert [caption.end for caption in captions] == [1200, 1400, 5000]


def test_unfinished_meeting_says_so() -> None:
    assert read_srt(write_srt(documents.UNFINISHED))[-1].lines == ["[unfinished]"]
    assert b"Unfinished: the meeting is recording." in write_vtt(documents.UNFINISHED)
    assert b"nfinished" not in write_srt(documents.FULL) + write_vtt(documents.FULL)


def test_meeting_without_a_word_is_an_empty_file_of_its_kind() -> None:
    assert write_srt(with_lines()) == b""
    assert read_vtt(write_vtt(with_lines())) == []


def test_markup_in_speech_is_shown_and_does_nothing() -> None:
    line = Line(0.0, 5.0, "a <b>bold</b> & --> x", "<v Eve> & co")
    (caption,) = read_vtt(write_vtt(with_lines(line)))
    assert caption.lines == ["a <b>bold</b> & --> x"]
    assert caption.speaker == "<v Eve> & co"


@settings(deadline=None)
@given(documents.hostile)
def test_no_text_and_no_time_breaks_a_caption(document: Document) -> None:
    for captions in (read_srt(write_srt(document)), read_vtt(write_vtt(document))):
        for caption in captions:
            assert caption.end - caption.start <= 7000
            assert len(caption.lines) <= 2
            assert max(map(len, caption.lines)) <= 42
        assert all(before.end <= after.start for before, after in pairwise(captions))
