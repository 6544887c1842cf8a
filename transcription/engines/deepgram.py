"""Deepgram's service for recorded sound, through its own SDK: words with times, and who spoke."""

import importlib.util
import logging
import struct
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NoReturn

import httpx
from django.conf import settings

from transcription.audio import SAMPLE_BYTES, Audio, encode_wav
from transcription.engines.base import Availability, EngineError, Heard, Options, WishRefused
from transcription.types import Segment, Word

logger = logging.getLogger(__name__)

ADDRESS, MODEL, TIMEOUT_SECONDS = "https://api.deepgram.com", "nova-3", 60.0
CONNECT_SECONDS = 10.0
# It works at some hundred times the speed of talk.
TIMEOUT_PER_SECOND = 0.1
# Longer sound is sent from where it lies, piece by piece.
LONGEST_IN_MEMORY_SECONDS = 120.0
BLOCK_SAMPLES = 256 * 1024
MOST_KEYTERMS = 100
WAV_SIZES = (4, 40)  # where a plain WAV header holds the size of the file and of the sound

FIXES = {
    401: "the key is wrong; check DEEPGRAM_API_KEY",
    402: "the account has no credit left; top it up in the Deepgram console",
    403: "the key may not do this; give it the role for transcription in the Deepgram console",
    404: "there is no such service; check DEEPGRAM_BASE_URL and DEEPGRAM_MODEL",
}
REQUEST_REFUSED = (400, 413, 415, 422)
PASSING = (408, 409, 425, 429)
SERVER_ERRORS = 500


class Deepgram:
    """Speakers are "Speaker 1", "Speaker 2" ... in the order in which Deepgram numbers them.

    The same number is the same person within one call only, so a recording goes there as a whole.
    """

    name = "deepgram"
    window_seconds = None

    def __init__(self, key: str | None = None, address: str | None = None) -> None:
        self._key = settings.DEEPGRAM_API_KEY if key is None else key
        configured = getattr(settings, "DEEPGRAM_BASE_URL", "") if address is None else address
        self._address = (configured or ADDRESS).rstrip("/")
        self.model: str = getattr(settings, "DEEPGRAM_MODEL", "") or MODEL

    def check(self) -> Availability:
        if not self._key:
            return Availability(False, "Set DEEPGRAM_API_KEY to a key of your Deepgram account.")
        if importlib.util.find_spec("deepgram") is None:
            return Availability(False, "Run: pip install deepgram-sdk")
        return Availability(True)

    def transcribe(self, audio: Audio, options: Options) -> Heard:
        """What Deepgram heard; raises EngineError for every way in which it can fail."""
        # heavy: half a second of imports, only where it is used
        from deepgram.core.api_error import ApiError  # noqa: PLC0415

        try:
            response = self._ask(audio, options)
        except ApiError as error:
            _raise_refusal(error.status_code, error.body, options)
        except httpx.TimeoutException as error:
            raise EngineError("deepgram: no answer in time", permanent=False) from error
        except httpx.HTTPError as error:
            message = f"deepgram: {self._address} cannot be reached ({type(error).__name__})"
            raise EngineError(message, permanent=False) from error
        try:
            return _read_heard(response, audio.duration, want_words=options.want_words)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            message = f"deepgram wrote a result that cannot be read: {type(error).__name__}"
            raise EngineError(message, permanent=True) from error

    def _ask(self, audio: Audio, options: Options) -> Any:
        timeout = getattr(settings, "DEEPGRAM_TIMEOUT_SECONDS", TIMEOUT_SECONDS)
        seconds = timeout + TIMEOUT_PER_SECOND * audio.duration
        return self._client.listen.v1.media.transcribe_file(
            request=_encode(audio),
            model=self.model,
            diarize_model="latest",
            utterances=True,
            smart_format=True,
            punctuate=True,
            **self._list_wishes(options),
            # One try: the router decides about others, for every engine alike.
            request_options={
                "timeout": httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                "max_retries": 0,
            },
        )

    def _list_wishes(self, options: Options) -> dict[str, Any]:
        wishes: dict[str, Any] = {}
        if options.language == "auto":
            wishes["detect_language"] = True
        else:
            wishes["language"] = options.language.replace("_", "-")
        # Older models do not know it and refuse the request.
        if options.vocabulary and self.model.startswith("nova-3"):
            wishes["keyterm"] = list(options.vocabulary[:MOST_KEYTERMS])
        return wishes

    @cached_property
    def _client(self) -> Any:
        # heavy: half a second of imports, only where it is used
        from deepgram import DeepgramClient  # noqa: PLC0415
        from deepgram.environment import DeepgramClientEnvironment  # noqa: PLC0415

        socket_address = self._address.replace("http", "ws", 1)
        environment = DeepgramClientEnvironment(
            base=self._address,
            production=socket_address,
            agent=socket_address,
            agent_rest=self._address,
        )
        return DeepgramClient(api_key=self._key, environment=environment)


def _encode(audio: Audio) -> bytes | Iterator[bytes]:
    if audio.duration <= LONGEST_IN_MEMORY_SECONDS:
        return encode_wav(audio)
    return _stream_wav(audio)


def _stream_wav(audio: Audio) -> Iterator[bytes]:
    header = bytearray(encode_wav(audio.slice(0, 0)))
    size = len(audio.samples) * SAMPLE_BYTES
    for place, value in zip(WAV_SIZES, (len(header) - 8 + size, size), strict=True):
        struct.pack_into("<I", header, place, value)
    yield bytes(header)
    for first in range(0, len(audio.samples), BLOCK_SAMPLES):
        yield audio.samples[first : first + BLOCK_SAMPLES].astype("<i2").tobytes()


def _raise_refusal(status: int | None, body: Any, options: Options) -> NoReturn:
    """What a status means; the answer's own words are shown, never what was sent."""
    said = _read_reason(body)
    if status in FIXES:
        raise EngineError(f"deepgram: {FIXES[status]} ({status}{said})", permanent=True)
    if status in REQUEST_REFUSED:
        wish = f'language "{options.language}" or the sound'
        raise WishRefused(f"deepgram: it does not take the {wish} ({status}{said})")
    is_passing = status is None or status in PASSING or status >= SERVER_ERRORS
    if is_passing:
        raise EngineError(f"deepgram: busy or out of order ({status}{said})", permanent=False)
    message = f"deepgram: that is no answer of Deepgram ({status}); check DEEPGRAM_BASE_URL"
    raise EngineError(message, permanent=True)


def _read_reason(body: Any) -> str:
    reason = body.get("err_msg") or body.get("reason") if isinstance(body, dict) else None
    return f": {' '.join(str(reason).split())[:200]}" if reason else ""


def _read_heard(response: Any, duration: float, *, want_words: bool) -> Heard:
    channel = response.results.channels[0]
    best = channel.alternatives[0]
    utterances = response.results.utterances or [best]
    segments = [_read_segment(each, duration, want_words) for each in utterances]
    language = channel.detected_language or next(iter(best.languages or ()), "")
    return Heard(tuple(part for part in segments if part.text), language)


def _read_segment(utterance: Any, duration: float, want_words: bool) -> Segment:
    """An utterance, or, where there is none, the whole text of the channel."""
    words = tuple(_read_word(word, duration) for word in utterance.words or ())
    start = getattr(utterance, "start", None)
    end = getattr(utterance, "end", None)
    speaker = getattr(utterance, "speaker", None)
    return Segment(
        start=_clamp(start, duration) if start is not None else words[0].start if words else 0.0,
        end=_clamp(end, duration) if end is not None else words[-1].end if words else duration,
        text=" ".join((utterance.transcript or "").split()),
        confidence=_read_probability(utterance.confidence),
        words=words if want_words else (),
        speaker=None if speaker is None else f"Speaker {int(speaker) + 1}",
    )


def _read_word(word: Any, duration: float) -> Word:
    start = _clamp(word.start, duration)
    return Word(
        text=str(word.punctuated_word or word.word),
        start=start,
        end=max(start, _clamp(word.end, duration)),
        probability=_read_probability(word.confidence),
    )


def _clamp(seconds: float, duration: float) -> float:
    return round(min(duration, max(0.0, float(seconds))), 3)


def _read_probability(confidence: float | None) -> float | None:
    return None if confidence is None else round(min(1.0, max(0.0, float(confidence))), 3)
