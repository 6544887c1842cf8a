"""The wire shapes of the transcription API, in and out."""

from typing import Any

from rest_framework import serializers


class FileUpload(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    language = serializers.RegexField(
        r"^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?)$", required=False, default="en"
    )


class TranscriptionAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    text = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    code = serializers.ChoiceField(
        ["no_speech", "bad_audio", "engine_unavailable", "internal"], allow_null=True
    )
    engine = serializers.CharField(allow_blank=True)
