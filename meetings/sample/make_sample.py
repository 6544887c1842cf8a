"""Make the sample meeting: `meeting.opus` and `reference.json` from `script.json`.

Run as `python meetings/sample/make_sample.py`. Needs the speech synthesizer `flite` on PATH
and PyAV. Running it twice gives the same two files.
"""

import io
import json
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NotRequired, TypedDict

try:
    import av
    import numpy as np
    import numpy.typing as npt
except ImportError:
    sys.exit("PyAV or numpy is missing: pip install -r requirements.txt, then use that Python.")

FOLDER = Path(__file__).resolve().parent
SAMPLE_RATE = 16_000
BIT_RATE = 32_000
OPUS_FRAME_SAMPLES = 320
SPEECH_LEVEL = 0.08
# Loud enough not to be digital silence, quiet enough for a voice detector: about -70 dBFS.
ROOM_TONE_LEVEL = 0.0003
NOISE_SEED = 20240301
EDGE_LEVEL = 0.01
EDGE_MARGIN_SAMPLES = SAMPLE_RATE // 50
TAIL_SECONDS = 0.8
PEAK_LEVEL = 0.98

Samples = npt.NDArray[np.float64]


class ScriptSpeaker(TypedDict):
    """A participant, the flite voice and how much slower than normal it speaks."""

    name: str
    voice: str
    stretch: float


class ScriptAction(TypedDict):
    """A promise as a reader of the minutes expects it."""

    task: str
    owner: str
    due: str


class ScriptLine(TypedDict):
    """What one person says, after `pause` seconds of silence, and what it means."""

    speaker: str
    pause: float
    text: str
    topic: NotRequired[str]
    question: NotRequired[str]
    decision: NotRequired[str]
    action: NotRequired[ScriptAction]
    mood: NotRequired[str]


class Script(TypedDict):
    """The whole of `script.json`."""

    title: str
    language: str
    speakers: list[ScriptSpeaker]
    keywords: list[str]
    utterances: list[ScriptLine]


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of the script with its place in the recording, in seconds."""

    line: ScriptLine
    start: float
    end: float


def find_flite() -> str:
    """Give the path of flite, or stop with the way to install it."""
    path = shutil.which("flite")
    if path is None:
        sys.exit("flite is missing: install it (Debian: apt-get install flite), then run again.")
    return path


def synthesize(flite: str, text: str, speaker: ScriptSpeaker) -> Samples:
    """Speak `text`: mono at 16 kHz between -1 and 1, without silence at the ends, levelled."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "speech.wav"
        command = [flite, "-voice", speaker["voice"]]
        command += ["--setf", f"duration_stretch={speaker['stretch']}"]
        command += ["-t", text, "-o", str(target)]
        subprocess.run(command, check=True)  # noqa: S603 (a list, no shell, text from the script)
        return level_speech(trim_silence(read_wave(target.read_bytes())))


def read_wave(wav: bytes) -> Samples:
    """Read 16-bit mono PCM and bring it to 16 kHz; kal is the one voice that speaks at 8 kHz."""
    with wave.open(io.BytesIO(wav)) as reader:
        rate = reader.getframerate()
        pcm = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2")
    if rate != SAMPLE_RATE:
        pcm = resample(pcm, rate)
    return pcm / 32768.0


def resample(pcm: npt.NDArray[np.int16], rate: int) -> npt.NDArray[np.int16]:
    """Convert 16-bit mono PCM from `rate` to 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])


def trim_silence(speech: Samples) -> Samples:
    """Cut what is quieter than 1 % of full scale from both ends, leaving a 20 ms margin."""
    loud = np.flatnonzero(np.abs(speech) > EDGE_LEVEL)
    first = max(int(loud[0]) - EDGE_MARGIN_SAMPLES, 0)
    return speech[first : int(loud[-1]) + EDGE_MARGIN_SAMPLES]


def level_speech(speech: Samples) -> Samples:
    """Bring every voice to the same loudness, so that nobody is far from the microphone."""
    gain = SPEECH_LEVEL / float(np.sqrt(np.mean(speech**2)))
    return speech * min(gain, PEAK_LEVEL / float(np.max(np.abs(speech))))


def compose_recording(script: Script, flite: str) -> tuple[Samples, list[PlacedLine]]:
    """Speak the script line by line; give the recording and where each line went."""
    speakers = {speaker["name"]: speaker for speaker in script["speakers"]}
    parts: list[Samples] = []
    placed: list[PlacedLine] = []
    position = 0
    for line in script["utterances"]:
        speech = synthesize(flite, line["text"], speakers[line["speaker"]])
        pause = round(line["pause"] * SAMPLE_RATE)
        start, end = position + pause, position + pause + len(speech)
        parts += [np.zeros(pause), speech]
        placed.append(PlacedLine(line, to_seconds(start), to_seconds(end)))
        position = end
    parts.append(np.zeros(round(TAIL_SECONDS * SAMPLE_RATE)))
    return add_room_tone(np.concatenate(parts)), placed


def to_seconds(samples: int) -> float:
    """Turn a count of samples into seconds, to the millisecond."""
    return round(samples / SAMPLE_RATE, 3)


def add_room_tone(recording: Samples) -> Samples:
    """Add seeded, low-passed noise, as from a quiet room."""
    noise = np.random.default_rng(NOISE_SEED).standard_normal(len(recording) + 7)
    tone = np.convolve(noise, np.ones(8) / np.sqrt(8), mode="valid")
    return np.clip(recording + ROOM_TONE_LEVEL * tone, -1.0, 1.0)


def write_opus(recording: Samples, target: Path) -> None:
    """Encode as Ogg/Opus; bit-exact, because Ogg otherwise draws a random serial number."""
    pcm = np.round(recording * 32767).astype(np.int16).reshape(1, -1)
    with av.open(str(target), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        for start in range(0, pcm.shape[1], OPUS_FRAME_SAMPLES):
            block = np.ascontiguousarray(pcm[:, start : start + OPUS_FRAME_SAMPLES])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            frame.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def build_reference(
    script: Script, placed: list[PlacedLine], duration_seconds: float
) -> dict[str, object]:
    """Gather what a transcript and its analysis should find, with times in seconds."""
    return {
        "title": script["title"],
        "language": script["language"],
        "duration_seconds": duration_seconds,
        "speakers": [{"name": s["name"], "voice": s["voice"]} for s in script["speakers"]],
        "utterances": [
            {"speaker": p.line["speaker"], "start": p.start, "end": p.end, "text": p.line["text"]}
            for p in placed
        ],
        "topics": [
            {"title": p.line["topic"], "start": p.start} for p in placed if "topic" in p.line
        ],
        "decisions": [
            {"text": p.line["decision"], "start": p.start} for p in placed if "decision" in p.line
        ],
        "action_items": [
            {**p.line["action"], "start": p.start} for p in placed if "action" in p.line
        ],
        "questions": list_questions(placed),
        "moods": [
            {"start": p.start, "end": p.end, "mood": p.line["mood"]}
            for p in placed
            if "mood" in p.line
        ],
        "keywords": script["keywords"],
    }


def list_questions(placed: list[PlacedLine]) -> list[dict[str, object]]:
    """List the questions; the answer is what is said next."""
    return [
        {
            "text": asked.line["question"],
            "speaker": asked.line["speaker"],
            "start": asked.start,
            "answer": reply.line["text"],
            "answered_by": reply.line["speaker"],
        }
        for asked, reply in pairwise(placed)
        if "question" in asked.line
    ]


def main() -> None:
    """Rewrite the recording and its reference beside this script."""
    flite = find_flite()
    script: Script = json.loads((FOLDER / "script.json").read_text(encoding="utf-8"))
    recording, placed = compose_recording(script, flite)
    write_opus(recording, FOLDER / "meeting.opus")
    seconds = to_seconds(len(recording))
    reference = json.dumps(build_reference(script, placed, seconds), indent=2)
    (FOLDER / "reference.json").write_text(reference + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(placed)} utterances, {seconds} seconds\n")


if __name__ == "__main__":
    main()
