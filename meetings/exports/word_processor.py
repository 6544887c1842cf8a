"""A meeting as DOCX: headings, lists and a transcript that word processors can navigate."""

import io
from typing import TYPE_CHECKING, Any

from meetings.exports.document import Document
from meetings.exports.outline import Block, build_outline
from meetings.exports.text import format_moment

if TYPE_CHECKING:
    from docx.document import Document as Paper

STYLES = {"title": "Title", "heading": "Heading 1", "item": "List Bullet"}
STYLES |= {"detail": "List Bullet 2", "fact": "List Bullet", "notice": "Intense Quote"}
GREY = "808080"
LONGEST_PROPERTY = 255  # characters that OPC's core properties may have


def write_docx(document: Document) -> bytes:
    """Office Open XML; the outline's text is free of what XML refuses."""
    # heavy: 0.15 s and 13 MB (lxml), for the one format that few ask for
    import docx  # noqa: PLC0415

    paper = docx.Document()
    for block in build_outline(document):
        add_block(paper, block)
    describe(paper, document)
    file = io.BytesIO()
    paper.save(file)
    return file.getvalue()


def add_block(paper: "Paper", block: Block) -> None:
    paragraph = paper.add_paragraph(style=STYLES.get(block.kind))
    moment = "" if block.at is None else format_moment(block.at)
    is_spoken = block.kind in {"speech", "missing"}
    if is_spoken:
        add_grey(paragraph, f"{moment}  ")
    if block.label:
        paragraph.add_run(f"{block.label}: ").bold = True
    paragraph.add_run(block.text).italic = True if block.kind == "missing" else None
    if moment and not is_spoken:
        add_grey(paragraph, f" ({moment})")


def add_grey(paragraph: Any, text: str) -> None:
    # heavy, as above; loaded already
    from docx.shared import RGBColor  # noqa: PLC0415

    paragraph.add_run(text).font.color.rgb = RGBColor.from_string(GREY)


def describe(paper: "Paper", document: Document) -> None:
    """The properties that a file manager shows, in place of those of the template."""
    properties = paper.core_properties
    outline = build_outline(document)
    properties.title = next(outline).text[:LONGEST_PROPERTY]
    properties.author = "Intellibooks Studio"
    properties.comments = document.notice
    for name in ("created", "modified"):
        moment = getattr(properties, name)
        setattr(properties, name, moment.fromisoformat(document.started_at).replace(tzinfo=None))
