import re
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from meetings.exports.document import Document, Line
from meetings.exports.markdown import escape_markdown, write_markdown
from meetings.exports.text import clean_line
from tests.meetings.exports import documents

ACTIVE = {"html_block", "html_inline", "link_open", "image", "code_inline", "fence", "code_block"}
ACTIVE |= {"blockquote_open", "hr", "table_open", "ordered_list_open", "s_open"}
# What GitHub and others make a link of without any mark around it.
AUTOLINK = re.compile(r"\bwww\.|https?://|[A-Za-z0-9.+_-]+@[A-Za-z0-9]", re.I)


def parse(content: bytes) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(content.decode())


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def show(text: str) -> str:
    """What a reader sees of a paragraph."""
    return "".join(token.content for token in walk(parse(text.encode())) if token.type == "text")


def test_document_has_its_sections_in_order() -> None:
    text = write_markdown(documents.FULL).decode()
    headings = re.findall(r"^#+ .*$", text, re.M)
    names = "Summary,Key points,Action items,Decisions,Questions,Agenda,Keywords,Mood,Metrics"
    assert headings == ["# Weekly", *(f"## {name}" for name in [*names.split(","), "Transcript"])]


def test_claims_name_their_second_and_their_people() -> None:
    text = write_markdown(documents.FULL).decode()
    assert "- **Date:** 2026-11-22 10:42 UTC\n- **Length:** 1:02:10\n" in text
    assert "- **Susan:** Send the slides (on Thursday) (0:05)\n- Call Bob\n" in text
    assert "- The meeting moves to Monday. (1:05)" in text
    assert "- **Robert:** Who sends them? (0:04)\n    - **Susan:** I will.\n" in text
    assert "- Slides (0:05)\n    - They are late.\n" in text
    assert "- **Interruptions:** not measurable: no speakers overlap\n" in text
    assert "**Robert** (1:02:05): See you.\n" in text
    assert "*\\[missing audio 00:20-00:30\\]*" in text


def test_unfinished_meeting_says_so_at_the_top() -> None:
    text = write_markdown(documents.UNFINISHED).decode()
    assert text.startswith("# Weekly\n\n*Unfinished: the meeting is recording.")


def test_usual_speech_stays_readable_in_the_source() -> None:
    speech = "Well, it's 3:30 (or so) - isn't it? Yes. That's 5% more!"
    assert escape_markdown(speech) == speech


@settings(deadline=None)
@given(documents.hostile)
def test_no_speech_becomes_markup(document: Document) -> None:
    content = write_markdown(document)
    assert not ACTIVE & {token.type for token in walk(parse(content))}
    assert not AUTOLINK.search(content.decode())


@settings(deadline=None)
@given(documents.hostile)
def test_no_speech_adds_a_heading(document: Document) -> None:
    tokens = parse(write_markdown(document))
    headings = [
        following.content
        for token, following in pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    assert len(headings) == len(set(headings))


@settings(deadline=None)
@given(documents.texts)
def test_a_reader_sees_every_letter(text: str) -> None:
    line = clean_line(text)
    assert show(f"x {escape_markdown(line)}").replace("\u2060", "") == f"x {line}".strip()


def test_line_without_a_speaker_has_its_time_alone() -> None:
    document = Document("s", "", "2026-11-22T10:42:00Z", "completed", lines=(Line(61, 62, "Hi."),))
    assert write_markdown(document).decode().endswith("## Transcript\n\n(1:01) Hi.\n")
