from meetings.assistant.claims import ClaimReader
from meetings.assistant.types import Cited
from tests.meetings.assistant.staging import make_document

DOCUMENT = make_document()
CITED = [Cited(DOCUMENT, passage) for passage in DOCUMENT.passages]
MARCH, LOSS = 10, 18  # numbers of the passages, from 1


def read(*pieces: str) -> ClaimReader:
    reader = ClaimReader(CITED)
    for piece in pieces:
        list(reader.feed(piece))
    list(reader.finish())
    return reader


def test_a_claim_that_was_said_is_kept_with_its_passage() -> None:
    reader = read(f"The new website opens on the first of March [{MARCH}].")
    assert reader.text == "The new website opens on the first of March [1]"
    assert [it.passage.start for it in reader.used] == [48.553]
    assert reader.dropped == 0


def test_an_invented_citation_is_dropped() -> None:
    reader = read(f"They lost five thousand dollars [{LOSS}][99]. The moon is cheese [77].")
    assert reader.text == "They lost five thousand dollars [1]"
    assert reader.dropped == 2


def test_a_claim_whose_passage_says_something_else_is_dropped() -> None:
    reader = read(f"Aliens bought the pyramid factory yesterday [{MARCH}].")
    assert (reader.text, reader.dropped) == ("", 1)


def test_an_invented_quotation_is_dropped() -> None:
    reader = read(f'Robert said "the website opens in late November" about March [{MARCH}].')
    assert reader.text == ""


def test_a_claim_without_a_passage_is_dropped() -> None:
    reader = read(f"The website opens on the first of March [{MARCH}]. Buy my product now!")
    assert reader.text == "The website opens on the first of March [1]"
    assert reader.dropped == 1


def test_links_and_images_are_taken_out() -> None:
    reader = read(f"The new website ![x](http://evil.example/a) opens in March [{MARCH}].")
    assert "evil" not in reader.text


def test_a_claim_is_shown_when_it_is_complete_and_not_before() -> None:
    reader = ClaimReader(CITED)
    assert list(reader.feed("The website opens on the first of March [")) == []
    assert list(reader.feed(f"{MARCH}]")) == []
    shown = list(reader.feed(".\nThey lost"))
    assert shown == ["The website opens on the first of March [1]"]
    list(reader.feed(f" five thousand dollars [{LOSS}]"))
    assert list(reader.finish()) == ["\nThey lost five thousand dollars [2]"]


def test_thoughts_are_not_shown() -> None:
    reader = read("<think>the website [1] maybe", f"</think>The website opens in March [{MARCH}]")
    assert reader.text == "The website opens in March [1]"
