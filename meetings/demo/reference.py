"""What was really said in a recording, to compare a transcript with."""

import json
from pathlib import Path

from meetings.demo.service import DemoError

SAMPLE_DIR = Path(__file__).resolve().parent.parent / "sample"
SAMPLE = SAMPLE_DIR / "meeting.opus"
SAMPLE_REFERENCE = SAMPLE_DIR / "reference.json"


def find_reference(recording: Path, named: Path | None) -> Path | None:
    """The named file, or ours where the recording is the sample."""
    if named is None and recording.resolve() == SAMPLE:
        return SAMPLE_REFERENCE
    return named


def read_reference(path: Path) -> str:
    """The spoken text: of a JSON file its ``text`` or its utterances, else the file itself.

    Raises DemoError.
    """
    try:
        content = path.read_text(encoding="utf-8")
        text = read_spoken(content) if path.suffix.lower() == ".json" else content
    except OSError as error:
        raise DemoError(f"The reference {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DemoError(f"The reference {path} is not UTF-8 text.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DemoError(
            f'The reference {path} must be JSON with "text", or "utterances" that have "text".'
        ) from error
    if not text.split():
        raise DemoError(f"The reference {path} has no text.")
    return text


def read_spoken(content: str) -> str:
    found = json.loads(content)
    if "text" in found:
        return str(found["text"])
    return " ".join(str(utterance["text"]) for utterance in found["utterances"])
