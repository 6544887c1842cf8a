"""The formats of an export by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from meetings.exports.document import Document
from meetings.exports.markdown import write_markdown
from meetings.exports.plain import write_text
from meetings.exports.structure import write_json
from meetings.exports.subtitles import write_srt, write_vtt
from meetings.exports.table import write_csv
from meetings.exports.word_processor import write_docx


@dataclass(frozen=True, slots=True)
class Format:
    content_type: str
    write: Callable[[Document], bytes]


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The name is the file's ending too.
FORMATS: Mapping[str, Format] = {
    "txt": Format("text/plain; charset=utf-8", write_text),
    "md": Format("text/markdown; charset=utf-8", write_markdown),
    "srt": Format("application/x-subrip; charset=utf-8", write_srt),
    "vtt": Format("text/vtt; charset=utf-8", write_vtt),
    "json": Format("application/json", write_json),
    "csv": Format("text/csv; charset=utf-8", write_csv),
    "docx": Format(DOCX, write_docx),
}
