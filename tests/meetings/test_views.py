from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from meetings import media, services
from meetings.models import Meeting
from tests.factories import cut_sample, make_silence

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


def post_chunk(client: Client, meeting_id: str, data: bytes, index: object = 0) -> Any:
    upload = SimpleUploadedFile("chunk.wav", data, content_type="audio/wav")
    body = {"audio_chunk": upload, "chunk_index": str(index)}
    return client.post(f"/api/meetings/{meeting_id}/chunk", body)


@pytest.fixture
def meeting() -> Meeting:
    return services.start_meeting()


def test_start_answers_as_the_contract_says(client: Client) -> None:
    answer = client.post("/api/meetings/start", {}, content_type=JSON)
    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] == "recording"
    assert len(body["session_id"]) == 36
    assert body["created_at"].endswith("Z")
    assert body["ws_path"] == f"/ws/chat/{body['session_id']}"


def test_start_needs_no_body(client: Client) -> None:
    assert client.post("/api/meetings/start").status_code == 200


def test_start_keeps_wishes_and_refuses_nonsense(client: Client) -> None:
    body = {"title": "Weekly", "language": "en", "tags": ["a"], "engine": "pocketsphinx"}
    answer = client.post("/api/meetings/start", body, content_type=JSON)
    assert answer.json()["title"] == "Weekly"
    answer = client.post("/api/meetings/start", {"language": "en; rm -rf"}, content_type=JSON)
    assert answer.status_code == 422


def test_chunk_answers_as_the_contract_says(client: Client, meeting: Meeting) -> None:
    answer = post_chunk(client, meeting.pk, make_silence())
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "chunk_index": 0,
            "queued": True,
            "message": "Chunk queued for processing",
            "duplicate": False,
            "conflict": False,
            "late": False,
            "resumed": False,
            "bytes": 32_044,
            "total_chunks": 1,
            "chunks_processed": 0,
            "missing": [],
        },
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_routes_answer_with_and_without_slash(client: Client, meeting: Meeting, slash: str) -> None:
    for route in ("", "/transcript", "/status"):
        assert client.get(f"/api/meetings/{meeting.pk}{route}{slash}").status_code == 200
    assert client.post(f"/api/meetings/start{slash}").status_code == 200
    assert client.post(f"/api/meetings/{meeting.pk}/stop{slash}").status_code == 200
    assert client.get(f"/api/meetings/{meeting.pk}/metadata{slash}").status_code == 400


@pytest.mark.parametrize("index", ["", "abc", "-5", "1e3", "100000", "٣", "9223372036854775808"])
def test_absurd_chunk_index_is_422(client: Client, meeting: Meeting, index: str) -> None:
    answer = post_chunk(client, meeting.pk, make_silence(), index)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "invalid")
    assert body["errors"][0]["field"] == "chunk_index"
    assert isinstance(body["detail"], str)
    assert isinstance(body["error"], str)


def test_missing_fields_are_422(client: Client, meeting: Meeting) -> None:
    answer = client.post(f"/api/meetings/{meeting.pk}/chunk", {})
    fields = {problem["field"] for problem in answer.json()["errors"]}
    assert (answer.status_code, fields) == (422, {"audio_chunk", "chunk_index"})


def test_empty_chunk_is_400(client: Client, meeting: Meeting) -> None:
    answer = post_chunk(client, meeting.pk, b"")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Empty audio chunk")


def test_malformed_multipart_is_400(client: Client, meeting: Meeting) -> None:
    answer = client.generic(
        "POST", f"/api/meetings/{meeting.pk}/chunk", b"junk", "multipart/form-data; boundary=x"
    )
    assert answer.status_code in {400, 422}
    answer = client.generic(
        "POST", f"/api/meetings/{meeting.pk}/chunk", b"junk", "multipart/form-data"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_chunk_after_stop_is_400(client: Client, meeting: Meeting) -> None:
    services.end_recording(meeting.pk, actor="client")
    answer = post_chunk(client, meeting.pk, make_silence())
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "not_recording")
    assert body["detail"] == "Session is not in recording state"


def test_stop_answers_as_the_contract_says(client: Client, meeting: Meeting) -> None:
    answer = client.post(f"/api/meetings/{meeting.pk}/stop", {}, content_type=JSON)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "session_id": meeting.pk,
            "status": "processing",
            "message": "Meeting stopped, processing in background",
            "missing": [],
        },
    )
    again = client.post(f"/api/meetings/{meeting.pk}/stop")
    assert (again.status_code, again.json()["detail"]) == (400, "Session is not in recording state")


@pytest.mark.parametrize("meeting_id", ["nobody", "..", "x" * 65, "%2e%2e%2fetc", "a b"])
def test_unknown_meeting_is_404_everywhere(client: Client, meeting_id: str) -> None:
    answers = [client.get(f"/api/meetings/{meeting_id}/{route}") for route in ("status", "")]
    answers.append(client.post(f"/api/meetings/{meeting_id}/stop"))
    answers.append(post_chunk(client, meeting_id, make_silence()))
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["code"] for answer in answers} == {"not_found"}


def test_unknown_meeting_has_the_text_that_the_frontend_matches(client: Client) -> None:
    assert client.get("/api/meetings/nobody").json()["detail"] == "Session not found"


def test_wrong_method_is_405(client: Client, meeting: Meeting) -> None:
    answer = client.get(f"/api/meetings/{meeting.pk}/stop")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_metadata_of_a_running_meeting_is_400(client: Client, meeting: Meeting) -> None:
    answer = client.get(f"/api/meetings/{meeting.pk}/metadata")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Meeting not yet completed")


def test_completed_meeting_has_all_metadata(
    client: Client, meeting: Meeting, work_off: Callable[[], None]
) -> None:
    for index, data in enumerate(cut_sample(2)):
        post_chunk(client, meeting.pk, data, index)
    client.post(f"/api/meetings/{meeting.pk}/stop")
    work_off()
    body = client.get(f"/api/meetings/{meeting.pk}/metadata").json()
    contract = {"transcript_length", "word_count", "processed_at", "summary", "key_points"}
    contract |= {"main_topics", "action_items", "keywords", "main_theme", "domain", "mood"}
    contract |= {"agenda", "metrics"}
    assert contract <= body.keys()
    mood = {"overall_mood", "sentiment_score", "emotional_tone", "stress_level"}
    assert mood | {"engagement_level"} <= body["mood"].keys()
    assert {"agenda_items", "meeting_purpose", "total_topics"} <= body["agenda"].keys()
    assert {"topic", "time_mentioned", "key_points"} <= body["agenda"]["agenda_items"][0].keys()
    keyword = {"text", "keyword", "type", "relevance_score", "context"}
    assert keyword <= body["keywords"][0].keys()
    metrics = {"word_count", "character_count", "sentence_count", "question_count"}
    metrics |= {"estimated_duration_minutes", "average_words_per_sentence", "engagement_score"}
    assert metrics <= body["metrics"].keys()
    status = client.get(f"/api/meetings/{meeting.pk}/status").json()
    assert (status["status"], status["processing_state"]["progress"]) == ("completed", 1.0)


def put_chunk(client: Client, meeting_id: str, data: bytes, index: object = 0) -> Any:
    path = f"/api/meetings/{meeting_id}/chunks/{index}"
    return client.put(path, data, content_type="audio/wav")


def test_raw_chunk_is_the_same_as_a_form(client: Client, meeting: Meeting) -> None:
    assert put_chunk(client, meeting.pk, make_silence()).json()["bytes"] == 32_044
    assert post_chunk(client, meeting.pk, make_silence()).json()["duplicate"]


@pytest.mark.parametrize("seconds", [1.0, 90.0])  # of 90 s are 2.9 MB: they wait in a file
def test_raw_chunk_of_any_size_is_kept_whole(
    client: Client, meeting: Meeting, settings: Settings, seconds: float
) -> None:
    sound = make_silence(seconds)[:-1] + b"x"
    assert put_chunk(client, meeting.pk, sound).json()["bytes"] == len(sound)
    assert media.read_chunk(meeting.chunks.get()) == sound
    settings.MAX_CHUNK_BYTES = len(sound) - 1
    assert put_chunk(client, meeting.pk, sound, 1).json()["code"] == "too_large"


def test_raw_chunk_is_checked_as_a_form_is(
    client: Client, meeting: Meeting, settings: Settings
) -> None:
    assert put_chunk(client, meeting.pk, b"").json()["code"] == "empty_chunk"
    assert put_chunk(client, meeting.pk, make_silence(), "x1").status_code == 422
    settings.MAX_CHUNK_BYTES = 1000
    answer = put_chunk(client, meeting.pk, make_silence())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_chunk_that_changed_on_its_way_is_refused(client: Client, meeting: Meeting) -> None:
    upload = SimpleUploadedFile("chunk.wav", make_silence())
    body = {"audio_chunk": upload, "chunk_index": "0", "sha256": "0" * 64}
    answer = client.post(f"/api/meetings/{meeting.pk}/chunk", body)
    assert (answer.status_code, answer.json()["detail"]) == (422, "Checksum mismatch")
    assert client.get(f"/api/meetings/{meeting.pk}/chunks").json()["chunks"] == []


def test_ledger_lists_what_came_and_what_is_missing(client: Client, meeting: Meeting) -> None:
    post_chunk(client, meeting.pk, make_silence(), 2)
    post_chunk(client, meeting.pk, make_silence(2.0), 2)
    ledger = client.get(f"/api/meetings/{meeting.pk}/chunks").json()
    assert (ledger["total_chunks"], ledger["missing"]) == (1, [0, 1])
    assert [chunk["index"] for chunk in ledger["chunks"]] == [2]
    assert [conflict["index"] for conflict in ledger["conflicts"]] == [2]


def test_stop_names_what_was_announced_and_never_came(client: Client, meeting: Meeting) -> None:
    post_chunk(client, meeting.pk, make_silence())
    path = f"/api/meetings/{meeting.pk}/stop"
    answer = client.post(path, {"expected_chunks": 3}, content_type=JSON)
    assert answer.json()["missing"] == [1, 2]
    late = post_chunk(client, meeting.pk, make_silence(), 1).json()
    assert (late["late"], late["missing"]) == (True, [2])
    assert post_chunk(client, meeting.pk, make_silence(), 3).status_code == 400


def test_cancel_discards_the_recording(client: Client, meeting: Meeting) -> None:
    post_chunk(client, meeting.pk, make_silence())
    answer = client.post(f"/api/meetings/{meeting.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert post_chunk(client, meeting.pk, make_silence(), 1).status_code == 400
    assert client.post(f"/api/meetings/{meeting.pk}/cancel").status_code == 400


def test_retry_is_for_failed_meetings(client: Client, meeting: Meeting) -> None:
    answer = client.post(f"/api/meetings/{meeting.pk}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    Meeting.objects.update(status="failed", ended_at=Now())
    answer = client.post(f"/api/meetings/{meeting.pk}/retry")
    assert (answer.status_code, answer.json()["status"]) == (200, "processing")


def test_two_meetings_at_once_do_not_mix(client: Client, work_off: Callable[[], None]) -> None:
    ids = [client.post("/api/meetings/start").json()["session_id"] for _ in range(2)]
    first, second = cut_sample(2)
    post_chunk(client, ids[0], first)
    post_chunk(client, ids[1], second)
    work_off()
    texts = [client.get(f"/api/meetings/{one}/transcript").json()["transcript"] for one in ids]
    assert "good morning" in texts[0]
    assert "good morning" not in texts[1]
    assert all(texts)


def test_openapi_file_names_every_route_and_documentation_is_served(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/api/meetings/{id}/chunk" in paths
    page = client.get("/api/docs").content.decode()
    assert "https://" not in page
    assert "swagger-ui" in page
