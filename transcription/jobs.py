"""What the workers run for this app: an id in, one function called."""

from transcription import single_file, uploads


def transcribe_upload(upload_id: str, language: str, expires_at: float) -> None:
    uploads.sweep_uploads()
    single_file.answer_upload(upload_id, language, expires_at)
