"""What must be true of every meeting after the damage, whatever it was."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from meetings.encryption.sealing import open_sealed
from meetings.storage import open_raw
from tests.faults.recorder import SteadyRecorder
from tests.faults.sounds import hear_all
from tests.faults.trial import Trial
from tests.faults.world import World
from transcription.audio import Audio, decode, encode_wav, join
from transcription.scoring import wer

# The engine hears a chunk a little differently after another one: of eleven words two in one order
# of three that are recorded at once. A sentence that is lost or doubled is far more.
MOST_WRONG_WORDS = 0.2


def hash_pcm(pieces: Sequence[Audio]) -> str:
    return hashlib.sha256(join(pieces).samples.astype("<i2").tobytes()).hexdigest()


def read_recording(recorder: SteadyRecorder, meeting_id: str) -> Audio:
    """The recording as anybody may download it, decoded; its bytes are those of the checksum."""
    data = recorder.download(meeting_id)
    ((sha256,),) = recorder.world.query(
        "SELECT recording_sha256 FROM meetings_meeting WHERE conversation_id = ?", meeting_id
    )
    assert hashlib.sha256(data).hexdigest() == sha256
    return decode(data)


def count_lost(world: World, accepted: dict[str, dict[int, str]]) -> int:
    """Acknowledged chunks without their row, or whose file does not hold the bytes sent."""
    return sum(
        list_kept(world, meeting_id).get(index) != sha256
        for meeting_id, chunks in accepted.items()
        for index, sha256 in chunks.items()
    )


def list_kept(world: World, meeting_id: str) -> dict[int, str]:
    """Index -> sha256 of the bytes that lie on disk for it."""
    rows = world.query(
        'SELECT "index", name, sha256 FROM meetings_audiochunk WHERE meeting_id = ?', meeting_id
    )
    media = world.data_dir / "media"
    return {index: sha256 for index, name, sha256 in rows if hash_file(media, name) == sha256}


def hash_file(media: Path, name: str) -> str:
    """Of what the file holds: with MEDIA_ENCRYPTION_KEYS set the whole suite runs encrypted."""
    if not (media / name).exists():
        return "no file"
    raw = open_raw(media / name)
    with open_sealed(raw, name, settings.MEDIA_ENCRYPTION_KEYS) or raw.file as file:
        return hashlib.sha256(file.read()).hexdigest()


def count_chunks(trial: Trial, recorder: SteadyRecorder) -> None:
    """Fills the row's counts and fails if an acknowledged chunk is gone."""
    trial.accepted = sum(len(chunks) for chunks in recorder.accepted.values())
    trial.lost = count_lost(recorder.world, recorder.accepted)
    assert trial.lost == 0


def check_events(world: World, meeting_id: str) -> None:
    """The room's events count from 1 without a gap or a double, to the number it last gave."""
    rows = world.query(
        "SELECT seq FROM chat_event WHERE conversation_id = ? ORDER BY seq", meeting_id
    )
    ((last,),) = world.query("SELECT last_seq FROM chat_conversation WHERE id = ?", meeting_id)
    assert [seq for (seq,) in rows] == list(range(1, last + 1))


def check_text(recorder: SteadyRecorder, meeting_id: str, pieces: Sequence[Audio]) -> None:
    """What was heard in each chunk, each once, in order; and that is what the source says."""
    rows = recorder.world.query(
        """SELECT text FROM meetings_audiochunk WHERE meeting_id = ? ORDER BY "index" """,
        meeting_id,
    )
    transcript = recorder.read(meeting_id, "transcript")["transcript"]
    assert transcript == " ".join(text for (text,) in rows if text)
    reference = hear_all([encode_wav(piece) for piece in pieces])
    assert wer(reference, transcript).rate <= MOST_WRONG_WORDS if reference else not transcript


def check_sound(
    trial: Trial, recorder: SteadyRecorder, meeting_id: str, pieces: Sequence[Audio]
) -> None:
    """A completed meeting's recording has exactly these samples; no event is missing."""
    count_chunks(trial, recorder)
    assert hash_pcm([read_recording(recorder, meeting_id)]) == hash_pcm(pieces)
    check_events(recorder.world, meeting_id)


def check_meeting(
    trial: Trial, recorder: SteadyRecorder, meeting_id: str, pieces: Sequence[Audio]
) -> None:
    """A completed meeting holds exactly the source: its samples, its words, its events."""
    check_sound(trial, recorder, meeting_id, pieces)
    check_text(recorder, meeting_id, pieces)
