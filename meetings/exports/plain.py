"""A meeting as plain text."""

from meetings.exports.document import Document
from meetings.exports.outline import Block, build_outline
from meetings.exports.text import format_moment


def write_text(document: Document) -> bytes:
    """UTF-8 with line feeds; each utterance on a line ``[m:ss] Speaker: words``."""
    lines = [line for block in build_outline(document) for line in render(block)]
    return ("\n".join(lines) + "\n").encode()


def render(block: Block) -> list[str]:
    named = f"{block.label}: {block.text}" if block.label else block.text
    moment = "" if block.at is None else format_moment(block.at)
    match block.kind:
        case "title":
            return [block.text, "=" * len(block.text), ""]
        case "heading":
            return ["", block.text, "-" * len(block.text)]
        case "item":
            return [f"- {named}" + (f" ({moment})" if moment else "")]
        case "detail":
            return [f"    {named}"]
        case "speech" | "missing":
            return [f"[{moment}] {named}"]
    return [named]
