"""The ASGI application: HTTP to Django, WebSockets to the rooms."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intellibooks.settings")
django_application = get_asgi_application()  # before the imports below: they need the app registry

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from chat.access import find_viewers  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from intellibooks.answer_headers import AddHeaders  # noqa: E402
from intellibooks.auth.sockets import AuthenticateSockets, identify_scope  # noqa: E402
from intellibooks.body_limit import LimitBody  # noqa: E402
from intellibooks.doorbell import doorbell  # noqa: E402
from intellibooks.limits.addresses import TrustProxies  # noqa: E402
from intellibooks.limits.requests import LimitRequests, find_kind  # noqa: E402
from intellibooks.limits.sockets import LimitSockets  # noqa: E402
from intellibooks.one_hop import AnswerInOneHop  # noqa: E402
from intellibooks.origins import RefuseForeignSockets  # noqa: E402
from intellibooks.request_id import StampRequests  # noqa: E402


def is_upload(method: str, path: str) -> bool:
    return find_kind(method, path) == "uploads"


doorbell.start()
# While one waits for the disk another one works; a third would only ask both for Python. What
# another database does it does elsewhere.
abreast = 2 if connection.vendor == "sqlite" else 4
uploads = AnswerInOneHop(django_application, is_upload, abreast=abreast)
http = LimitBody(
    LimitRequests(uploads, identify_scope),
    settings.MAX_BODY_BYTES,
    {"/api/meetings/import": settings.MAX_IMPORT_BYTES + 64 * 1024},
)
rooms = AuthenticateSockets(URLRouter(websocket_urlpatterns), find_viewers)
application = ProtocolTypeRouter(
    {
        "http": TrustProxies(StampRequests(AddHeaders(http))),
        "websocket": TrustProxies(
            StampRequests(RefuseForeignSockets(LimitSockets(rooms))),
        ),
    }
)
