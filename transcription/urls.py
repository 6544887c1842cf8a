"""Routes of the transcription API; each answers with and without a slash at its end."""

from django.urls import re_path

from transcription.views import TranscribeView

urlpatterns = [
    re_path(r"^transcription/transcribe/?$", TranscribeView.as_view(), name="transcribe"),
]
