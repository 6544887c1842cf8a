from typing import Any

import pytest
from django.test import Client

from meetings import services
from meetings.models import Meeting, StageResult
from meetings.waveform import downsample_peaks

pytestmark = pytest.mark.django_db(transaction=True)


def read_error(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["code"], body["detail"]


@pytest.fixture
def meeting() -> Meeting:
    meeting = services.start_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.COMPLETED, duration_ms=8000)
    return meeting


def store_peaks(meeting: Meeting, peaks: Any) -> None:
    result = {} if peaks is None else {"peaks": peaks}
    StageResult.objects.create(
        meeting=meeting, name="recording", status=StageResult.Status.COMPLETED, result=result
    )


def test_waveform_is_drawn_in_as_many_buckets_as_wished(client: Client, meeting: Meeting) -> None:
    store_peaks(meeting, [[-128 * (index % 100), 32_767] for index in range(1000)])
    answer = client.get(f"/api/meetings/{meeting.pk}/waveform/?buckets=10")
    assert answer.status_code == 200
    assert answer.json() == {
        "session_id": meeting.pk,
        "duration_ms": 8000,
        "buckets": 10,
        "peaks": [[-0.3867, 1.0]] * 10,
    }


def test_waveform_has_no_more_buckets_than_are_known(client: Client, meeting: Meeting) -> None:
    store_peaks(meeting, [[-32_768, 32_767]] * 30)
    body = client.get(f"/api/meetings/{meeting.pk}/waveform").json()
    assert (body["buckets"], len(body["peaks"])) == (30, 30)


@pytest.mark.parametrize("buckets", ["9", "2001", "-1", "abc", "1e3"])
def test_absurd_buckets_are_422(client: Client, meeting: Meeting, buckets: str) -> None:
    answer = client.get(f"/api/meetings/{meeting.pk}/waveform?buckets={buckets}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "buckets"


@pytest.mark.parametrize("peaks", [None, []])
def test_waveform_not_measured_is_not_ready(client: Client, meeting: Meeting, peaks: Any) -> None:
    expected = (404, "not_ready", "Waveform not yet available")
    url = f"/api/meetings/{meeting.pk}/waveform"
    assert read_error(client.get(url)) == expected
    store_peaks(meeting, peaks)
    assert read_error(client.get(url)) == expected


def test_waveform_of_a_meeting_that_records_again_is_not_ready(
    client: Client, meeting: Meeting
) -> None:
    store_peaks(meeting, [[0, 0]] * 30)
    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.RECORDING)
    assert client.get(f"/api/meetings/{meeting.pk}/waveform").status_code == 404


def test_every_peak_counts_in_exactly_one_bucket() -> None:
    for place in range(97):
        peaks = [[0, 0]] * 97
        peaks[place] = [-16_384, 8_192]
        drawn = downsample_peaks(peaks, 10)
        assert len(drawn) == 10
        assert sum(pair == [-0.5, 0.25] for pair in drawn) == 1


def test_silence_is_drawn_as_plain_zero() -> None:
    assert str(downsample_peaks([[-1, 1]], 10)) == "[[0.0, 0.0]]"
