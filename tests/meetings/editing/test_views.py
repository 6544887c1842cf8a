from typing import Any

import pytest
from django.test import Client

from chat.models import Membership
from meetings.models import FINAL_REV, Meeting, Segment

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
FIRST = "t000000000"


@pytest.fixture
def address(meeting: Meeting) -> str:
    return f"/api/meetings/{meeting.pk}"


def patch(client: Client, address: str, **body: Any) -> Any:
    return client.patch(f"{address}/segments/{FIRST}", body, content_type=JSON)


def test_api_segment_edit_answers_the_whole_segment(client: Client, address: str) -> None:
    answer = patch(client, address, text="hello", rev=FINAL_REV)
    assert answer.status_code == 200
    assert answer["ETag"] == f'"{FINAL_REV + 1}"'
    assert answer.json() == {
        "id": FIRST,
        "rev": FINAL_REV + 1,
        "kind": "speech",
        "start_ms": 0,
        "end_ms": 4000,
        "speaker": "Speaker 1",
        "speaker_label": "Speaker 1",
        "text": "hello",
        "words": [{"text": "hello", "start": 0.0, "end": 4.0, "probability": None}],
        "confidence": 0.5,
        "engine": "pocketsphinx",
        "edited": True,
    }


def test_api_segment_edit_of_a_stale_revision_is_409_with_the_segment(
    client: Client, address: str
) -> None:
    patch(client, address, text="hello", rev=FINAL_REV)
    answer = patch(client, address, text="mine", rev=FINAL_REV)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["segment"]["text"] == "hello"
    assert answer.json()["segment"]["rev"] == FINAL_REV + 1


def test_api_segment_edit_takes_the_revision_from_if_match(client: Client, address: str) -> None:
    path = f"{address}/segments/{FIRST}"
    headers = {"If-Match": f'"{FINAL_REV}"'}
    first = client.patch(path, {"text": "hello"}, content_type=JSON, headers=headers)
    again = client.patch(path, {"text": "bye"}, content_type=JSON, headers=headers)
    assert (first.status_code, again.status_code) == (200, 409)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a"},
        {"rev": FINAL_REV},
        {"rev": -1, "text": "a"},
        {"rev": 10**30, "text": "a"},
        {"rev": FINAL_REV, "text": None},
        {"rev": FINAL_REV, "text": ["a"]},
        {"rev": FINAL_REV, "text": "a\x00b"},
        {"rev": FINAL_REV, "text": "a\ud800b"},
        {"rev": FINAL_REV, "text": "a\x1bb"},
        {"rev": FINAL_REV, "text": "x" * 10_001},
        {"rev": FINAL_REV, "speaker": "Speaker 9"},
        {"rev": FINAL_REV, "speaker": ""},
    ],
)
def test_api_segment_edit_refuses_nonsense(
    client: Client, meeting: Meeting, address: str, body: dict[str, Any]
) -> None:
    assert patch(client, address, **body).status_code == 422
    row = meeting.segments.get(key=FIRST)
    assert (row.text, row.rev) == ("we open the knew shop", FINAL_REV)


@pytest.mark.parametrize("key", ["t999", "%00", "a%2Fb", "x" * 33, "<b>"])
def test_api_segment_edit_of_no_segment_is_404(client: Client, address: str, key: str) -> None:
    body = {"text": "a", "rev": FINAL_REV}
    answer = client.patch(f"{address}/segments/{key}", body, content_type=JSON)
    assert answer.status_code == 404


def test_api_segment_edit_of_missing_audio_is_404(
    client: Client, meeting: Meeting, address: str
) -> None:
    Segment.objects.filter(meeting=meeting, key=FIRST).update(kind="missing")
    assert patch(client, address, text="a", rev=FINAL_REV).status_code == 404


def test_markup_comes_back_as_it_was_written(client: Client, address: str) -> None:
    text = "<script>alert('&amp;')</script> {{7*7}} =cmd()"
    patch(client, address, text=text, rev=FINAL_REV)
    edits = client.get(f"{address}/edits").json()["edits"]
    assert edits[0]["new_text"] == text
    assert text in client.get(f"{address}/transcript").json()["transcript"]


def test_emptied_segment_stays_without_words(
    client: Client, meeting: Meeting, address: str
) -> None:
    answer = patch(client, address, text="  ", rev=FINAL_REV).json()
    assert (answer["text"], answer["words"], answer["edited"]) == ("", [], True)
    assert meeting.segments.count() == 3
    for name in ("srt", "vtt", "docx", "txt", "md", "csv", "json"):
        assert client.get(f"{address}/export?format={name}").status_code == 200


def test_api_edits_list_is_paged_with_the_newest_first(client: Client, address: str) -> None:
    for number in range(3):
        patch(client, address, text=f"text {number}", rev=FINAL_REV + number)
    page = client.get(f"{address}/edits?limit=2&offset=1").json()
    assert page["total"] == 3
    assert [edit["new_text"] for edit in page["edits"]] == ["text 1", "text 0"]
    assert page["edits"][0]["old_text"] == "text 0"
    assert page["edits"][0]["undone"] is False


def test_api_edits_list_can_be_of_one_segment(client: Client, address: str) -> None:
    client.post(f"{address}/replace", {"find": "knew", "replace": "new"}, content_type=JSON)
    edits = client.get(f"{address}/edits?segment={FIRST}").json()["edits"]
    assert [edit["segment"] for edit in edits] == [FIRST]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "segment=%00", "limit=x"])
def test_api_edits_list_refuses_nonsense(client: Client, address: str, query: str) -> None:
    assert client.get(f"{address}/edits?{query}").status_code == 422


def test_api_replace_tells_what_it_changed(client: Client, address: str) -> None:
    body = {"find": "KNEW shop", "replace": "new store"}
    answer = client.post(f"{address}/replace", body, content_type=JSON).json()
    assert (answer["matches"], answer["segments"], answer["dry_run"]) == (2, 2, False)
    assert answer["changed"][0] == {
        "id": FIRST,
        "rev": FINAL_REV + 1,
        "start_ms": 0,
        "old_text": "we open the knew shop",
        "new_text": "we open the new store",
    }


def test_api_replace_as_a_dry_run_leaves_the_text(client: Client, address: str) -> None:
    body = {"find": "knew", "replace": "new", "dry_run": True}
    answer = client.post(f"{address}/replace", body, content_type=JSON).json()
    assert (answer["segments"], answer["changed"][0]["rev"]) == (2, FINAL_REV)
    assert "knew" in client.get(f"{address}/transcript").json()["transcript"]


@pytest.mark.parametrize(
    "body",
    [
        {"find": "", "replace": "a"},
        {"find": "  ", "replace": "a"},
        {"find": "a"},
        {"find": "a", "replace": "b\x00"},
        {"find": "shop", "replace": "\x1b"},
        {"find": "x" * 201, "replace": "a"},
        {"find": "a", "replace": "b", "whole_word": "perhaps"},
    ],
)
def test_api_replace_refuses_nonsense(client: Client, address: str, body: dict[str, Any]) -> None:
    assert client.post(f"{address}/replace", body, content_type=JSON).status_code == 422


def test_api_undo_names_the_edits_and_their_segments(client: Client, address: str) -> None:
    patch(client, address, text="hello", rev=FINAL_REV)
    edit = client.get(f"{address}/edits").json()["edits"][0]["id"]
    answer = client.post(f"{address}/edits/{edit}/undo")
    assert (answer.status_code, answer.json()) == (200, {"undone": [edit], "segments": [FIRST]})
    assert client.get(f"{address}/edits").json()["edits"][0]["undone"] is True
    assert client.post(f"{address}/undo").status_code == 409


def test_api_redo_names_the_edits_and_their_segments(client: Client, address: str) -> None:
    patch(client, address, text="hello", rev=FINAL_REV)
    (edit,) = client.post(f"{address}/undo").json()["undone"]
    answer = client.post(f"{address}/redo")
    assert (answer.status_code, answer.json()) == (200, {"redone": [edit], "segments": [FIRST]})
    assert client.get(f"{address}/edits").json()["edits"][0]["undone"] is False
    assert client.post(f"{address}/redo").status_code == 409


def test_api_undo_of_an_edit_of_another_meeting_is_404(client: Client, address: str) -> None:
    assert client.post(f"{address}/edits/999999999/undo").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("patch", f"segments/{FIRST}"),
        ("post", "replace"),
        ("post", "undo"),
        ("post", "redo"),
        ("post", "edits/1/undo"),
    ],
)
def test_api_editing_is_not_for_viewers_and_unseen_by_strangers(
    client: Client, meeting: Meeting, address: str, method: str, path: str
) -> None:
    Membership.objects.create(conversation=meeting.conversation, user_id="alice", role="owner")
    Membership.objects.create(conversation=meeting.conversation, user_id="bob", role="viewer")
    for name, status in (("bob", 403), ("charlie", 404)):
        ask = getattr(client, method)
        answer = ask(f"{address}/{path}", {}, content_type=JSON, headers={"X-User-Id": name})
        assert answer.status_code == status
