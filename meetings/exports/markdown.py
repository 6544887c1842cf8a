"""A meeting as Markdown (CommonMark, GitHub's dialect too), in which nothing heard has a meaning.

No word of the transcript can become HTML, a link, an image, a heading or a mention.
"""

import re

from meetings.exports.document import Document
from meetings.exports.outline import Block, build_outline
from meetings.exports.text import format_moment

SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~&$#]")
# What would be an address that dialects turn into a link by themselves: www.a.b, a.b, http://
ADDRESS = re.compile(r"(?<=\w)\.(?=\w)|:(?=/)")
LINE_START = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
TEMPLATES = {
    "title": "# {text}",
    "notice": "*{text}*",
    "heading": "## {text}",
    "text": "{text}",
    "fact": "- {named}",
    "item": "- {named}{after}",
    "detail": "    - {named}",
    "missing": "*{text}*",
}
# An invisible joiner: escaping alone does not keep GitHub from linking a@b.c and @name.
AT = "@\u2060"


def write_markdown(document: Document) -> bytes:
    """UTF-8 with line feeds."""
    parts: list[str] = []
    previous = ""
    for block in build_outline(document):
        # Neighbouring facts and items are one list; everything else is a paragraph.
        if parts and not (is_listed(block.kind) and is_listed(previous)):
            parts.append("")
        parts.append(render(block))
        previous = block.kind
    return ("\n".join(parts) + "\n").encode()


def is_listed(kind: str) -> bool:
    return kind in {"fact", "item", "detail"}


def render(block: Block) -> str:
    text = escape_markdown(block.text)
    label = escape_markdown(block.label)
    named = f"**{label}:** {text}" if label else text
    moment = "" if block.at is None else format_moment(block.at)
    if block.kind == "speech":
        return f"**{label}** ({moment}): {text}" if label else f"({moment}) {text}"
    after = f" ({moment})" if moment else ""
    return TEMPLATES[block.kind].format(text=text, named=named, after=after)


def escape_markdown(text: str) -> str:
    """The text as Markdown that shows it letter by letter; ``text`` is one line."""
    text = LINE_START.sub(escape_start, SPECIAL.sub(r"\\\g<0>", text))
    return ADDRESS.sub(r"\\\g<0>", text).replace("@", AT)


def escape_start(match: re.Match[str]) -> str:
    """A list's number is told apart by its point, everything else by itself."""
    start = match.group()
    return start + "\\" if start[0].isdigit() else "\\" + start
