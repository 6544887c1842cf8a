from meetings.analysis.text import find_names, split_units
from transcription.types import Segment, Transcript, Word


def read(*texts: str) -> list[str]:
    segments = tuple(Segment(5.0 * n, 5.0 * n + 4.5, text) for n, text in enumerate(texts))
    return [unit.text for unit in split_units(Transcript(segments, 5.0 * len(texts)))]


def test_punctuated_text_is_cut_at_its_marks() -> None:
    assert read("It works. Does it? Dr. Smith says 3.5 hours.") == [
        "It works.",
        "Does it?",
        "Dr. Smith says 3.5 hours.",
    ]


def test_sentence_may_run_over_two_segments_and_cites_both() -> None:
    segments = (Segment(0, 2, "We will open the"), Segment(2.1, 4, "website in March."))
    (unit,) = split_units(Transcript(segments, 4.0))
    assert unit.text == "We will open the website in March."
    assert [evidence["segment"] for evidence in unit.evidence] == [0, 1]


def test_bare_text_is_cut_where_a_sentence_opens() -> None:
    assert read("we tested the payment page again i will send the report susan what is next") == [
        "we tested the payment page again",
        "i will send the report",
        "susan what is next",
    ]


def test_bare_text_is_not_cut_after_a_word_that_cannot_end_it() -> None:
    assert read("i really think we should wait because we have no budget") == [
        "i really think we should wait because we have no budget"
    ]


def test_bare_text_is_cut_at_a_pause_between_words() -> None:
    times = [0.0, 0.5, 1.0, 1.5, 3.0, 3.5, 4.0, 4.5]
    texts = ["the", "page", "is", "slow", "customers", "complain", "every", "day"]
    words = tuple(Word(t, s, s + 0.4) for t, s in zip(texts, times, strict=True))
    units = split_units(Transcript((Segment(0, 5, " ".join(texts), words=words),), 5.0))
    assert [unit.text for unit in units] == ["the page is slow", "customers complain every day"]
    assert units[1].start == 3.0


def test_control_characters_are_not_text() -> None:
    assert read("\x00\x07 \u202ehello\ud800there") == ["hello there"]


def test_endless_word_is_divided() -> None:
    (unit, *_rest) = split_units(Transcript((Segment(0, 1, "x" * 10_000),), 1.0))
    assert all(len(word) <= 60 for word in unit.words)


def test_terms_are_stems_without_stop_words() -> None:
    (unit,) = split_units(Transcript((Segment(0, 2, "We are testing the websites."),), 2.0))
    assert unit.terms == ("test", "websit")


def test_unknown_name_is_read_from_a_request() -> None:
    transcript = Transcript((Segment(0, 2, "Xanthippe, please call them."),), 2.0)
    assert "xanthippe" in find_names(split_units(transcript), transcript)
