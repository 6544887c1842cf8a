"""Log in and out, ask who one is, get a ticket for a socket."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intellibooks import audit
from intellibooks.auth import revocation
from intellibooks.auth.authentication import identify_http
from intellibooks.auth.credentials import read_rights, read_session_key
from intellibooks.auth.passwords import LONGEST_PASSWORD
from intellibooks.auth.tickets import TICKET_SECONDS, issue_ticket
from intellibooks.errors import NotAuthenticated
from intellibooks.identity import STRANGER, Identity, identify, is_open


class LoginRequest(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class MeAnswer(serializers.Serializer[Any]):
    user_id = serializers.CharField()
    is_authenticated = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    mode = serializers.ChoiceField(("open", "required"))
    via = serializers.CharField(help_text="token, jwt, session, open, or empty for a stranger")


class TicketRequest(serializers.Serializer[Any]):
    session_id = serializers.RegexField(
        r"\A[A-Za-z0-9._-]{1,64}\Z", required=False, help_text="the only room it is good for"
    )


class TicketAnswer(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds")


class LogoutAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()


def describe(identity: Identity) -> dict[str, Any]:
    is_known = identity.is_authenticated
    return {
        "user_id": identity.user_id,
        "is_authenticated": is_known,
        "is_staff": identity.is_staff,
        "mode": "open" if is_open() else "required",
        "via": identity.via if is_known else "",
    }


class LoginView(APIView):
    """Public: how one would become known otherwise. A foreign page's request never gets here."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="auth_login", request=LoginRequest, responses=MeAnswer, auth=[])
    def post(self, request: Request) -> Response:
        """Start a session; its cookie and the CSRF cookie come with the answer."""
        form = LoginRequest(data=request.data)
        form.is_valid(raise_exception=True)
        http_request = request._request  # noqa: SLF001 - DRF's name for Django's request
        user = authenticate(http_request, **form.validated_data)
        if user is None:
            raise NotAuthenticated("User name or password is wrong.")
        login(http_request, user)  # a new session key: one that was planted is worth nothing
        get_token(http_request)
        identity = Identity(
            user.get_username(), is_verified=True, via="session", **read_rights(user)
        )
        return Response(describe(identity))


class LogoutView(APIView):
    @extend_schema(operation_id="auth_logout", request=None, responses=LogoutAnswer)
    def post(self, request: Request) -> Response:
        """End the session and close the sockets that it opened."""
        http_request = request._request  # noqa: SLF001 - DRF's name for Django's request
        identity = identify(request)
        if identity.via == "session":
            key = read_session_key(request.COOKIES)
            logout(http_request)
            audit.record("logout", actor=identity.user_id)
            revocation.publish(credential=f"session:{key}")
        return Response({"success": True})


class MeView(APIView):
    """Public, since it also tells a stranger that one has to log in."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="auth_me", responses=MeAnswer)
    def get(self, request: Request) -> Response:
        """Who one is for this service; sets the CSRF cookie that unsafe requests need."""
        get_token(request._request)  # noqa: SLF001 - DRF's name for Django's request
        try:
            identity = identify_http(request)
        except NotAuthenticated:
            identity = STRANGER
        return Response(describe(identity), headers={"Cache-Control": "no-store"})


class TicketView(APIView):
    @extend_schema(operation_id="auth_ws_ticket", request=TicketRequest, responses=TicketAnswer)
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket (`?ticket=`), once and soon."""
        form = TicketRequest(data=request.data or {})
        form.is_valid(raise_exception=True)
        ticket = issue_ticket(identify(request), form.validated_data.get("session_id", ""))
        body = {"ticket": ticket, "expires_in": TICKET_SECONDS}
        return Response(body, headers={"Cache-Control": "no-store"})
