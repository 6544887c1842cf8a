import pytest

from transcription.ghosts import (
    Evidence,
    collapse_loops,
    is_ghost,
    is_known_phrase,
    repeats_itself,
)
from transcription.types import Segment, Word

CLASSIC_GHOSTS = [
    "Thank you.",
    "Thank you for watching!",
    "Thanks for watching.",
    "Thank you so much for watching this video.",
    "Please subscribe to my channel",
    "Don't forget to like and subscribe!",
    "I'll see you in the next video.",
    "Subtitles by the Amara.org community",
    "Transcription by CastingWords",
    "Captions by GetTranscribed.com",
    "Untertitel der Amara.org-Community",
    "Untertitelung des ZDF f\u00fcr funk, 2017",
    "Sous-titres r\u00e9alis\u00e9s par la communaut\u00e9 d'Amara.org",
    "Subt\u00edtulos realizados por la comunidad de Amara.org",
    "Bye. Bye.",
    "you",
]
REMARKS = [
    "[BLANK_AUDIO]",
    " (music) ",
    "*laughs*",
    "\u266a \u266a",
    "[Music] (applause)",
    "",
    "...",
]
REAL = [
    "Thank you, Anna, for the report.",
    "We should thank you for watching the server over the weekend.",
    "Subscribe the customer to the weekly report and tell Ben.",
    "The subtitles are late.",
    "Music starts at eight in the big hall.",
]


@pytest.mark.parametrize("text", CLASSIC_GHOSTS)
@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(no_speech=0.5),
        Evidence(log_probability=-0.9),
        Evidence(spoken_share=0.1),
        Evidence(log_probability=-0.1, no_speech=0.05, spoken_share=0.0),
    ],
)
def test_classic_ghosts_need_little_doubt(text: str, evidence: Evidence) -> None:
    assert is_ghost(text, evidence)


@pytest.mark.parametrize("text", CLASSIC_GHOSTS)
def test_what_was_clearly_said_stays_even_if_it_is_a_classic(text: str) -> None:
    assert not is_ghost(text, Evidence(log_probability=-0.2, no_speech=0.02, spoken_share=0.9))
    assert not is_ghost(text, Evidence())


@pytest.mark.parametrize("text", REMARKS)
def test_remarks_about_the_sound_are_never_speech(text: str) -> None:
    assert is_ghost(text, Evidence(log_probability=0.0, no_speech=0.0, spoken_share=1.0))


@pytest.mark.parametrize("text", REAL)
def test_sentences_that_only_look_like_ghosts_stay(text: str) -> None:
    assert not is_known_phrase(text)
    assert not is_ghost(text, Evidence(log_probability=-0.9, no_speech=0.5, spoken_share=0.2))


@pytest.mark.parametrize(
    ("evidence", "is_dropped"),
    [
        (Evidence(log_probability=-1.1, no_speech=0.7), True),
        (Evidence(log_probability=-0.9, no_speech=0.7), False),
        (Evidence(log_probability=-1.1, no_speech=0.5), False),
        (Evidence(log_probability=-1.6), True),
    ],
)
def test_any_text_is_dropped_by_whispers_own_rule(evidence: Evidence, is_dropped: bool) -> None:
    assert is_ghost("The budget was approved.", evidence) == is_dropped


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("so so so so", "so"),
        ("No, no, no, no, no we can't", "No, we can't"),
        ("I think I think I think I think that works", "I think that works"),
        ("and then we go. " * 9, "and then we go."),
        ("first " + "the end of the world " * 4 + "last", "first the end of the world last"),
    ],
)
def test_loop_is_said_once(text: str, once: str) -> None:
    (segment,) = collapse_loops([Segment(0, 9, text)])
    assert segment.text == once


@pytest.mark.parametrize("text", ["no no no", "we go we go we go home", "call 0 0 0 0 0 now"])
def test_repetition_that_people_make_stays(text: str) -> None:
    assert collapse_loops([Segment(0, 9, text)])[0].text == text


def test_words_of_a_loop_go_with_its_text() -> None:
    letters = ("a", "b", "b", "b", "b", "c")
    words = tuple(Word(text, index, index + 1) for index, text in enumerate(letters))
    (segment,) = collapse_loops([Segment(0, 6, "a b b b b c", 0.5, words)])
    assert segment.words == (words[0], words[1], words[5])
    assert segment.text == "a b c"


def test_segment_that_comes_again_and_again_stays_once() -> None:
    loop = [Segment(float(at), at + 1.0, f"{text} end") for at, text in enumerate("xaaaaay")]
    kept = collapse_loops(loop)
    assert [(segment.text, segment.start) for segment in kept] == [
        ("x end", 0.0),
        ("a end", 1.0),
        ("y end", 6.0),
    ]


def test_segment_that_comes_three_times_stays() -> None:
    said = [Segment(float(at), at + 1.0, "Yes.") for at in range(3)]
    assert collapse_loops(said) == said


@pytest.mark.parametrize(
    ("text", "is_echo"),
    [
        ("Increase that limit. Increase that limit.", True),
        ("so we will ship it, we will ship it on Monday", True),
        ("no no no no", False),
        ("I think I think that works", False),
        ("call me on Monday and call me on Friday", False),
        ("", False),
    ],
)
def test_phrase_that_comes_twice_is_worth_another_look(text: str, is_echo: bool) -> None:
    assert repeats_itself(text) == is_echo
