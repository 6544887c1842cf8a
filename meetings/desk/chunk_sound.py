"""One chunk to be listened to: what it says in a form that every browser plays."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from intellibooks.errors import DomainError
from meetings import media, sound
from meetings.encryption.errors import SealError, explain_sealed
from meetings.models import AudioChunk
from transcription.audio import encode_wav


def answer_chunk(chunk: AudioChunk) -> HttpResponseBase:
    """WAV, 16 kHz mono: a piece of a stream has no header of its own. 404 with the reason."""
    if not chunk.name:
        return refuse("The audio of this meeting was deleted.")
    try:
        audio = sound.read_sound(chunk).audio
    except (media.AudioMissing, DomainError) as error:
        return refuse(str(error))
    except SealError as error:
        return refuse(explain_sealed(error))
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(encode_wav(audio), content_type="audio/wav", headers=headers)


def refuse(reason: str) -> HttpResponse:
    return HttpResponse(reason, status=404, content_type="text/plain; charset=utf-8")
