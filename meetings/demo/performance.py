"""The whole demo: read the recording, play it, show what came of it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from meetings.demo import report
from meetings.demo.player import CHUNK_SAMPLES, Outcome, Player, find_faults
from meetings.demo.reference import find_reference, read_reference
from meetings.demo.screen import Screen
from meetings.demo.service import DemoError, Service
from meetings.demo.wording import count, format_time
from transcription.audio import Audio, AudioError, decode
from transcription.scoring import wer

LONGEST_SECONDS = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Programme:
    """What to play where; ``speed`` 1 is real time, 0 as fast as the service takes it."""

    recording: Path
    reference: Path | None
    url: str
    speed: float


def perform(programme: Programme, screen: Screen) -> list[str]:
    """What did not work although there is a result, a sentence each. Raises DemoError."""
    reference = find_reference(programme.recording, programme.reference)
    spoken = read_reference(reference) if reference else ""
    with closing(Service(programme.url)) as service:
        health = service.read_health()
        audio = read_recording(programme.recording)
        introduce(screen, programme, health, audio)
        player = Player(service, audio, programme.speed, screen)
        with screen.showing_progress():
            outcome = player.play()
        show_outcome(screen, outcome, spoken)
        faults = find_faults(outcome)
        if not faults:
            screen.space()
            screen.say("Everything worked. The meeting stays here:")
            screen.say(f"{service.url}/api/meetings/{outcome.session_id}")
    return faults


def read_recording(path: Path) -> Audio:
    """Raises DemoError."""
    try:
        return decode(path.read_bytes(), max_seconds=LONGEST_SECONDS)
    except OSError as error:
        raise DemoError(f"{path} cannot be read: {error.strerror}.") from error
    except AudioError as error:
        raise DemoError(f"{path}: {error.error}") from error


def introduce(
    screen: Screen, programme: Programme, health: dict[str, object], audio: Audio
) -> None:
    chunks = count(-(-len(audio.samples) // CHUNK_SAMPLES), "chunk")
    screen.show_facts(
        [
            ("recording", f"{programme.recording.name}, {format_time(audio.duration)}, {chunks}"),
            ("service", f"{programme.url}, engine {health.get('engine')}"),
            ("speed", phrase_speed(programme.speed, audio.duration)),
        ]
    )
    parts = health.get("parts")
    for name, state in parts.items() if isinstance(parts, dict) else ():
        if state != "ok":
            screen.say(f"Warning: {name}: {state}", "yellow")
    screen.space()


def phrase_speed(speed: float, duration: float) -> str:
    if not speed:
        return "as fast as the service takes it"
    times = "real time" if speed == 1 else f"{speed:g} times real time"
    return f"{times}: playing takes {format_time(duration / speed)}"


def show_outcome(screen: Screen, outcome: Outcome, spoken: str) -> None:
    text = str(outcome.transcript.get("transcript") or "")
    screen.space()
    screen.say(f"Results {outcome.seconds_after_stop:.1f} s after the end of the recording.")
    if spoken:
        screen.say(report.phrase_comparison(wer(spoken, text)))
    report.show_metadata(screen, outcome.metadata)
