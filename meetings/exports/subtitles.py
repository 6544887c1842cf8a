"""A meeting's transcript as subtitles: SubRip (SRT) and WebVTT."""

from meetings.exports.cues import Cue, cut_cues
from meetings.exports.document import Document
from meetings.exports.text import clean_line, format_date

# SubRip has no escapes: players read <i> and {\an8} as commands, and an arrow as a time line.
HARMLESS = str.maketrans("<>{}", "\u2039\u203a()")  # single angle quotation marks look alike
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
UNFINISHED = "[unfinished]"


def write_srt(document: Document) -> bytes:
    """UTF-8 with CRLF, as SubRip writes; an unfinished meeting ends with a caption that says so."""
    cues = cut_cues(document.lines, with_names=True)
    if not document.is_finished:
        end = cues[-1].end_ms if cues else 0
        cues.append(Cue(end, end + 1000, (UNFINISHED,)))
    blocks = [render_srt(number, cue) for number, cue in enumerate(cues, start=1)]
    return "\r\n".join(blocks).encode()


def render_srt(number: int, cue: Cue) -> str:
    times = f"{format_time(cue.start_ms, ',')} --> {format_time(cue.end_ms, ',')}"
    lines = [line.translate(HARMLESS) for line in cue.lines]
    return "\r\n".join([str(number), times, *lines, ""])


def write_vtt(document: Document) -> bytes:
    """UTF-8 with line feeds; every cue names its speaker in a voice span."""
    about = [clean_line(document.title) or "Meeting", format_date(document.started_at)]
    notes = ["NOTE", *(line.translate(HARMLESS) for line in about if line)]
    if document.notice:
        notes.append(clean_line(document.notice).translate(HARMLESS))
    blocks = ["WEBVTT\n", "\n".join(notes) + "\n"]
    cues = cut_cues(document.lines)
    return "\n".join([*blocks, *map(render_vtt, cues)]).encode()


def render_vtt(cue: Cue) -> str:
    times = f"{format_time(cue.start_ms, '.')} --> {format_time(cue.end_ms, '.')}"
    text = "\n".join(line.translate(ENTITIES) for line in cue.lines)
    if cue.speaker:
        text = f"<v {cue.speaker.translate(ENTITIES)}>{text}</v>"
    return f"{times}\n{text}\n"


def format_time(milliseconds: int, mark: str) -> str:
    """``hh:mm:ss.mmm`` with the format's decimal mark."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{rest:03}"
