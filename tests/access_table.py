"""Who may do what: every route and every frame, by hand. A new one is a line here, or a failure.

What stands beside a route is what one must be allowed in the room it names, or one of the words
below. ``tests/test_access_matrix.py`` asks each route as each role and prints the whole table.
"""

from dataclasses import dataclass

PUBLIC = "public"  # whoever comes by
KNOCK = "knock"  # whoever is known to the service
CONSTANT = "constant"  # the same answer for everyone who may knock, with a link too
VIEW, WRITE, EDIT, MANAGE = "view", "write", "edit", "manage"  # in the room that is named
MEMBER = "member"  # of the room; a public link is not enough
STAFF = "staff"

STRANGER, OUTSIDER, LINK = "stranger", "outsider", "link"
VIEWER, EDITOR, OWNER, STAFF_MEMBER = "viewer", "editor", "owner", "staff"
ROLES = (STRANGER, OUTSIDER, LINK, VIEWER, EDITOR, OWNER, STAFF_MEMBER)

KNOWN = {OUTSIDER, VIEWER, EDITOR, OWNER, STAFF_MEMBER}
MAY: dict[str, set[str]] = {
    PUBLIC: set(ROLES),
    KNOCK: KNOWN,
    CONSTANT: KNOWN | {LINK},
    MEMBER: {VIEWER, EDITOR, OWNER, STAFF_MEMBER},
    VIEW: {LINK, VIEWER, EDITOR, OWNER, STAFF_MEMBER},
    WRITE: {EDITOR, OWNER, STAFF_MEMBER},
    EDIT: {EDITOR, OWNER, STAFF_MEMBER},
    MANAGE: {OWNER, STAFF_MEMBER},
    STAFF: {STAFF_MEMBER},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``query`` names the room where the path does not, ``body`` is what is sent.

    ``is_costly`` is asked by a stranger and by those who must be refused; ``unseen`` is how
    somebody is answered to whom the room does not exist.
    """

    need: str
    query: str = ""
    body: str = "{}"
    is_costly: bool = False
    unseen: int = 404


ROUTES: dict[str, Rule] = {
    # The service itself
    "GET /": Rule(PUBLIC),
    "GET /health": Rule(PUBLIC),
    "GET /api/ready": Rule(PUBLIC),
    "GET /api/status": Rule(STAFF, is_costly=True, unseen=403),
    "GET /api/config": Rule(PUBLIC),
    "GET /openapi.json": Rule(PUBLIC, is_costly=True),
    "GET /asyncapi.yaml": Rule(PUBLIC),
    "GET /api/docs": Rule(PUBLIC),
    "GET /console": Rule(PUBLIC),
    "GET /metrics": Rule(STAFF, unseen=401),
    "POST /api/auth/login": Rule(PUBLIC),
    "GET /api/auth/me": Rule(PUBLIC),
    "POST /api/auth/logout": Rule(KNOCK),
    "POST /api/auth/ws-ticket": Rule(KNOCK),
    "POST /api/transcription/transcribe": Rule(KNOCK),
    # Meetings
    "GET /api/meetings": Rule(KNOCK),
    "POST /api/meetings/start": Rule(KNOCK),
    "POST /api/meetings/import": Rule(KNOCK),
    "POST /api/meetings/sample": Rule(KNOCK, is_costly=True),
    "GET /api/meetings/export": Rule(MEMBER, query="ids={room}"),
    "GET /api/search": Rule(KNOCK, query="q=budget"),
    "GET /api/meetings/<pk>": Rule(VIEW),
    "PATCH /api/meetings/<pk>": Rule(EDIT),
    "DELETE /api/meetings/<pk>": Rule(MANAGE),
    "GET /api/meetings/<pk>/audio": Rule(VIEW),
    "DELETE /api/meetings/<pk>/audio": Rule(MANAGE),
    "POST /api/meetings/<pk>/cancel": Rule(MANAGE),
    "POST /api/meetings/<pk>/chunk": Rule(EDIT),
    "GET /api/meetings/<pk>/chunks": Rule(MEMBER),
    "PUT /api/meetings/<pk>/chunks/<index>": Rule(EDIT),
    "GET /api/meetings/<pk>/edits": Rule(MEMBER),
    "POST /api/meetings/<pk>/edits/<edit_id>/undo": Rule(EDIT),
    "GET /api/meetings/<pk>/export": Rule(VIEW),
    "GET /api/meetings/<pk>/highlights": Rule(MEMBER),
    "POST /api/meetings/<pk>/highlights": Rule(MEMBER, body='{"start_ms": 1}'),
    "PATCH /api/meetings/<pk>/highlights/<highlight_id>": Rule(MEMBER, body='{"note": "x"}'),
    "DELETE /api/meetings/<pk>/highlights/<highlight_id>": Rule(MEMBER),
    "GET /api/meetings/<pk>/metadata": Rule(VIEW),
    "POST /api/meetings/<pk>/redo": Rule(EDIT),
    "POST /api/meetings/<pk>/replace": Rule(EDIT),
    "POST /api/meetings/<pk>/reprocess": Rule(EDIT),
    "POST /api/meetings/<pk>/retry": Rule(EDIT),
    "GET /api/meetings/<pk>/revisions": Rule(MEMBER),
    "GET /api/meetings/<pk>/revisions/<revision>": Rule(MEMBER),
    "POST /api/meetings/<pk>/revisions/<revision>/restore": Rule(EDIT),
    "GET /api/meetings/<pk>/segments": Rule(VIEW),
    "PATCH /api/meetings/<pk>/segments/<key>": Rule(EDIT),
    "POST /api/meetings/<pk>/share": Rule(MANAGE),
    "DELETE /api/meetings/<pk>/share": Rule(MANAGE),
    "GET /api/meetings/<pk>/speakers": Rule(VIEW),
    "PATCH /api/meetings/<pk>/speakers/<label>": Rule(EDIT),
    "POST /api/meetings/<pk>/speakers/assign": Rule(EDIT),
    "POST /api/meetings/<pk>/speakers/merge": Rule(EDIT),
    "GET /api/meetings/<pk>/status": Rule(VIEW),
    "POST /api/meetings/<pk>/stop": Rule(EDIT),
    "GET /api/meetings/<pk>/timeline": Rule(VIEW),
    "GET /api/meetings/<pk>/transcript": Rule(VIEW),
    "POST /api/meetings/<pk>/undo": Rule(EDIT),
    "GET /api/meetings/<pk>/waveform": Rule(VIEW),
    # Sessions
    "GET /api/sessions": Rule(KNOCK),
    "POST /api/sessions": Rule(KNOCK),
    "GET /api/sessions/<pk>": Rule(VIEW),
    "PUT /api/sessions/<pk>": Rule(EDIT),
    "DELETE /api/sessions/<pk>": Rule(MANAGE, unseen=200),
    "GET /api/sessions/<pk>/events": Rule(MEMBER),
    "GET /api/meetings/<pk>/events": Rule(MEMBER),
    "GET /api/sessions/<pk>/messages": Rule(VIEW),
    "POST /api/sessions/<pk>/messages": Rule(WRITE),
    "PATCH /api/sessions/<pk>/messages/<message_id>": Rule(WRITE, body='{"content": "x"}'),
    "DELETE /api/sessions/<pk>/messages/<message_id>": Rule(WRITE),
    "GET /api/sessions/<pk>/database/config": Rule(CONSTANT),
    "POST /api/sessions/<pk>/database/config": Rule(KNOCK),
    # Conversations: the contract has 403 for strangers here
    "POST /api/conversations": Rule(KNOCK),
    "GET /api/conversations/<pk>": Rule(VIEW, unseen=403),
    "GET /api/conversations/<pk>/collaborators": Rule(MEMBER, unseen=403),
    "POST /api/conversations/<pk>/collaborators": Rule(MANAGE, unseen=403),
    "DELETE /api/conversations/<pk>/collaborators/<user_id>": Rule(MANAGE, unseen=403),
    "POST /api/conversations/<pk>/messages": Rule(WRITE, unseen=403),
    "POST /api/conversations/<pk>/publish": Rule(MANAGE, unseen=403),
    "DELETE /api/conversations/<pk>/publish": Rule(MANAGE, unseen=403),
    "GET /api/conversations/public/<token>": Rule(PUBLIC),
    # Of each person alone: somebody else's are not there
    "GET /api/notifications": Rule(KNOCK),
    "POST /api/notifications/<pk>/read": Rule(KNOCK),
    "GET /api/webhooks": Rule(KNOCK),
    "POST /api/webhooks": Rule(KNOCK),
    "GET /api/webhooks/<pk>": Rule(KNOCK),
    "PATCH /api/webhooks/<pk>": Rule(KNOCK),
    "DELETE /api/webhooks/<pk>": Rule(KNOCK),
    "GET /api/webhooks/<pk>/deliveries": Rule(KNOCK),
    "POST /api/webhooks/<pk>/deliveries/<delivery>/redeliver": Rule(KNOCK),
    "POST /api/webhooks/<pk>/ping": Rule(KNOCK),
}

FRAMES: dict[str, str] = {
    "ping": VIEW,
    "resume": VIEW,
    "history": VIEW,
    "read": VIEW,
    "message": WRITE,
    "research": WRITE,
    "smart": WRITE,
    "edit": WRITE,
    "delete": WRITE,
    "typing": WRITE,
}
