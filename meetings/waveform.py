"""The outline of a recording, to be drawn: the lowest and highest sample of each stretch."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from rest_framework import serializers

from intellibooks.errors import NotFound
from meetings.models import Meeting

FEWEST_BUCKETS, MOST_BUCKETS, USUAL_BUCKETS = 10, 2000, 800

FULL_SCALE = 32_768

Peak = Sequence[int]  # lowest and highest 16-bit sample of a stretch, as measure_peaks gives them


class WaveformNotReady(NotFound):
    code = "not_ready"
    detail = "Waveform not yet available"


class WaveformQuery(serializers.Serializer[Any]):
    buckets = serializers.IntegerField(
        default=USUAL_BUCKETS, min_value=FEWEST_BUCKETS, max_value=MOST_BUCKETS
    )


class WaveformAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    duration_ms = serializers.IntegerField()
    buckets = serializers.IntegerField(help_text="as many as asked for, or as are known if fewer")
    peaks = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=-1, max_value=1),
            min_length=2,
            max_length=2,
        ),
        help_text="lowest and highest sample of each equally long stretch; 1 is full scale",
    )


def read_peaks(meeting: Meeting) -> list[Peak]:
    """What was measured when the recording was joined. Raises WaveformNotReady."""
    result = meeting.stages.filter(name="recording").values_list("result", flat=True).first()
    peaks: list[Peak] = (result or {}).get("peaks") or []
    if meeting.is_recording or not peaks:
        raise WaveformNotReady("The waveform can be drawn once the meeting has been processed.")
    return peaks


def downsample_peaks(peaks: Sequence[Peak], buckets: int) -> list[list[float]]:
    """At most ``buckets`` pairs of lowest and highest, -1..1; every peak counts in exactly one."""
    count = min(buckets, len(peaks))
    edges = (index * len(peaks) // count for index in range(count + 1))
    groups = (peaks[start:end] for start, end in pairwise(edges))
    return [
        [scale_sample(min(low for low, _ in group)), scale_sample(max(high for _, high in group))]
        for group in groups
    ]


def scale_sample(sample: int) -> float:
    # Not 8 bits: a quiet meeting, drawn as large as a loud one, would have steps. The sum: no -0.0.
    return round(sample / FULL_SCALE, 4) + 0.0
