"""Every route and every frame, asked by every role. ``pytest -s`` shows the table."""

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.admindocs.views import simplify_regex
from django.db import connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chat.models import Conversation, Membership
from chat.stream.handlers import HANDLERS
from meetings import services
from tests import access_table as table
from tests.intellibooks.auth.people import bearing, make_token, make_user
from tests.intellibooks.auth.sockets import Knock, in_database

METHODS = ("get", "post", "put", "patch", "delete")
LINK_TOKEN = "token-of-the-public-link"
NO_ROOM = "6f1d3c52-0000-4000-8000-000000000000"
# What stands in an address for a thing that is not the room.
PARTS = {"index": "0", "label": "Speaker%201", "token": "no-such-link", "user_id": "nobody"}
PARTS |= {"edit_id": "1", "revision": "1", "key": "s1", "message_id": str(uuid.UUID(int=1))}
PARTS |= {"highlight_id": "1"}
PARTS |= {"delivery": str(uuid.UUID(int=2))}
UNSEEN = re.compile(r"^There is no (meeting|session|conversation) ")
NAMES = {table.OUTSIDER: "charlie", table.VIEWER: "vera", table.EDITOR: "bob", table.OWNER: "alice"}


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.AUTH_MODE = "required"
    settings.LIMITS = {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def find_routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from find_routes(pattern.url_patterns, place)
        else:
            yield place, pattern


def name_path(place: str) -> str:
    """The address with a name for each of its parts, as the table has it."""
    plain = re.sub(r"\(\?:[^()]*\)\??", "", place)  # an alternative spelling of the same
    plain = re.sub(r"<\w+:(\w+)>", r"<\1>", plain)
    return "/" + simplify_regex(plain).replace("/?", "").replace("\\", "").strip("/")


def list_methods(pattern: URLPattern) -> list[str]:
    view: Any = pattern.callback
    if actions := getattr(view, "actions", None):
        return [name for name in METHODS if name in actions]
    owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [name for name in METHODS if hasattr(owner, name)] if owner else ["get"]


def list_routes() -> list[str]:
    return sorted(
        f"{method.upper()} {name_path(place)}"
        for place, pattern in find_routes()
        if not place.startswith("admin/")
        for method in list_methods(pattern)
    )


def test_every_route_is_in_the_table_and_the_other_way_round() -> None:
    assert set(list_routes()) == table.ROUTES.keys()


def test_every_frame_is_in_the_table_and_the_other_way_round() -> None:
    assert {kind: handler.act for kind, handler in HANDLERS.items()} == table.FRAMES


def make_room() -> str:
    """Alice's meeting, with Bob and Vera in it, and a public link."""
    meeting = services.start_meeting(owner="alice")
    for user_id, role in (("bob", Membership.Role.EDITOR), ("vera", Membership.Role.VIEWER)):
        meeting.conversation.memberships.create(user_id=user_id, role=role)
    Conversation.objects.filter(pk=meeting.pk).update(share_token=LINK_TOKEN)
    return str(meeting.pk)


def make_tokens() -> dict[str, str]:
    tokens = {role: make_token(name) for role, name in NAMES.items()}
    return {**tokens, table.STAFF_MEMBER: make_token("root", scopes=["admin"], is_staff=True)}


@cache
def get_client() -> Client:
    """One for all: each loads the middleware anew, which takes longer than a request."""
    return Client(raise_request_exception=False)


def ask(role: str, tokens: dict[str, str], route: str, room: str) -> Any:
    """The answer to one role; whatever it does is undone."""
    method, path = route.split(" ", 1)
    client = get_client()
    client.cookies.clear()
    headers = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
    rule = table.ROUTES[route]
    query = rule.query.format(room=room)
    if role == table.LINK:
        query = f"{query}&share={LINK_TOKEN}"
    filled = re.sub(r"<(\w+)>", lambda part: PARTS.get(part.group(1), room), path)
    with transaction.atomic():
        answer = client.generic(
            method, f"{filled}?{query}", rule.body, "application/json", headers=headers
        )
        transaction.set_rollback(True)
    return answer


def read_body(answer: Any) -> Any:
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return json.loads(answer.content) if is_json and not answer.streaming else {}


def is_refused(answer: Any) -> bool:
    body = read_body(answer)
    is_unseen = answer.status_code == 404 and bool(UNSEEN.match(str(body.get("error", ""))))
    return answer.status_code in {401, 403} or is_unseen


def expect(rule: table.Rule, role: str) -> set[int] | None:
    """How a role is refused; None where it may."""
    if role in table.MAY[rule.need]:
        return None
    if role == table.STRANGER:
        return {401}
    if role == table.LINK:
        return {401, 403, 404}
    return {rule.unseen} if role == table.OUTSIDER or rule.need == table.STAFF else {403}


@pytest.mark.django_db
def test_each_role_may_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    room, tokens = make_room(), make_tokens()
    wrong, lines = [], [" ".join(f"{role:>8}" for role in table.ROLES)]
    for route, rule in table.ROUTES.items():
        row = []
        for role in table.ROLES:
            refusals = expect(rule, role)
            if refusals is None and rule.is_costly and role != table.STRANGER:
                row.append("(may)")
                continue
            answer = ask(role, tokens, route, room)
            row.append(str(answer.status_code))
            as_told = not is_refused(answer) if refusals is None else answer.status_code in refusals
            if not as_told or answer.status_code == 500:
                wrong.append(f"{route} as {role}: {answer.status_code} {read_body(answer)}")
        lines.append(" ".join(f"{cell:>8}" for cell in row) + f"  {rule.need:8} {route}")
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201 - the matrix is what this test is for
    assert not wrong, "\n".join(wrong)


IN_ROOM = {table.VIEW, table.WRITE, table.EDIT, table.MANAGE, table.MEMBER}
HIDDEN = [
    route
    for route, rule in table.ROUTES.items()
    if "<pk>" in route and rule.need in IN_ROOM and rule.unseen != 403
]


@pytest.mark.django_db
def test_what_one_may_not_see_answers_as_if_it_were_not_there() -> None:
    room, tokens = make_room(), make_tokens()
    for route in HIDDEN:
        hidden = ask(table.OUTSIDER, tokens, route, room)
        missing = ask(table.OUTSIDER, tokens, route, NO_ROOM)
        assert hidden.status_code == missing.status_code, route
        assert hidden.content.decode().replace(room, NO_ROOM) == missing.content.decode(), route


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a" * 500, "..", "..%2F..%2Fetc%2Fpasswd", "%00", "%E2%80%AE"])
def test_id_that_is_none_leads_nowhere(name: str) -> None:
    client = bearing(make_token("root", scopes=["admin"], is_staff=True))
    for route in HIDDEN:
        method, path = route.split(" ", 1)
        filled = re.sub(r"<(\w+)>", lambda part: PARTS.get(part.group(1), name), path)
        answer = client.generic(method, filled, "{}", "application/json")
        assert answer.status_code in {404, 405, table.ROUTES[route].unseen}, filled


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["meetings", "sessions", "search?q=quarterly", "notifications"])
def test_lists_show_nothing_of_what_one_may_not_see(path: str) -> None:
    room = make_room()
    Conversation.objects.filter(pk=room).update(title="Quarterly numbers")
    meetings = {name: bearing(make_token(name)).get(f"/api/{path}") for name in ("charlie", "vera")}
    assert meetings["charlie"].status_code == meetings["vera"].status_code == 200
    assert room not in meetings["charlie"].content.decode()
    assert path == "notifications" or room in meetings["vera"].content.decode()


def list_admin_paths() -> list[str]:
    places = [place for place, _ in find_routes() if place.startswith("admin/")]
    paths = (re.sub(r"<\w+>", "1", name_path(place)) for place in places)
    return sorted({path for path in paths if not path.endswith(("/login", "/logout"))})


@pytest.mark.django_db
def test_admin_is_for_staff_alone() -> None:
    charlie = Client()
    charlie.force_login(make_user("charlie"))
    paths = list_admin_paths()
    assert len(paths) > 20
    for client in (Client(), bearing(make_token("root", scopes=["admin"], is_staff=True)), charlie):
        client.raise_request_exception = False
        for path in paths:
            answer = client.get(f"{path}/")
            sent_away = answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]
            assert sent_away or answer.status_code in {401, 403, 404}, path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/media/", "/var/", "/static/../var/secret_key", "/static/media/x"]
)
def test_no_file_leaks_past_the_api(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.fixture
async def _close_connections() -> AsyncIterator[None]:
    yield
    await sync_to_async(connections.close_all)()


async def ask_frame(socket: Knock, kind: str) -> str:
    """The code of the error that answers the frame; empty where there is none."""
    await socket.send_to(json.dumps({"type": kind}))
    await socket.send_to(json.dumps({"type": "ping"}))
    code = ""
    while True:
        frame = json.loads(await socket.receive_from(timeout=5))
        code = frame.get("code", code) if frame["type"] == "error" else code
        if frame["type"] == "pong":
            return code


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_close_connections")
@pytest.mark.parametrize("role", table.ROLES)
async def test_each_role_may_send_what_the_table_says(role: str) -> None:
    room = await in_database(make_room)
    tokens = await in_database(make_tokens)
    query = f"?share={LINK_TOKEN}" if role == table.LINK else ""
    socket = Knock(f"/ws/chat/{room}{query}", bearer=tokens.get(role, ""))
    assert await socket.is_let_in() == (role in table.MAY[table.VIEW])
    if role not in table.MAY[table.VIEW]:
        return
    for kind, need in table.FRAMES.items():
        if kind != "ping":
            is_forbidden = await ask_frame(socket, kind) == "FORBIDDEN"
            assert is_forbidden == (role not in table.MAY[need]), kind
    await socket.disconnect()
