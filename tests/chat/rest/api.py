"""The REST API as one person uses it: JSON in, status and JSON out."""

from typing import Any

from django.test import Client


class Api:
    def __init__(self, user_id: str = "") -> None:
        self.client = Client(headers={"X-User-Id": user_id} if user_id else {})

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("get", path)

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self.ask("post", path, body)

    def put(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self.ask("put", path, body)

    def patch(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self.ask("patch", path, body)

    def delete(self, path: str) -> tuple[int, Any]:
        return self.ask("delete", path)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api{path}", **sent)
        return answer.status_code, answer.json()


def without_times(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what changes from run to run; that it is a time in UTC is looked at."""
    for name in [name for name in body if name.endswith("_at") and body[name] is not None]:
        assert body.pop(name).endswith("Z")
    return body
