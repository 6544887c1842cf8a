"""Webhooks over REST: who is told of what, what was tried, and trying again."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from intellibooks import audit
from intellibooks.identity import identify
from meetings.webhooks import endpoints, messages
from meetings.webhooks.serializers import (
    DeliveryAnswer,
    EndpointAnswer,
    EndpointRequest,
    EndpointsAnswer,
    encode_delivery,
    encode_endpoint,
)

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="UUID of the endpoint")
DELIVERY = OpenApiParameter("delivery", str, OpenApiParameter.PATH)
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class WebhookViewSet(viewsets.ViewSet):
    """The caller's own endpoints; staff see all."""

    lookup_value_regex = UUID

    @extend_schema(responses=EndpointsAnswer)
    def list(self, request: Request) -> Response:
        """Endpoints, newest first."""
        found = endpoints.list_visible(identify(request))
        return Response({"webhooks": [encode_endpoint(one) for one in found]})

    @extend_schema(request=EndpointRequest, responses=EndpointAnswer)
    def create(self, request: Request) -> Response:
        """A new endpoint; its secret is shown now and never again."""
        wishes = self.read(request)
        identity = identify(request)
        made = endpoints.create_endpoint(identity, **wishes)
        audit.record("webhook.create", actor=identity.user_id, target=str(made.pk))
        return Response(encode_endpoint(made, with_secret=True))

    @extend_schema(parameters=[ID], responses=EndpointAnswer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One endpoint."""
        return Response(encode_endpoint(endpoints.find(identify(request), pk)))

    @extend_schema(parameters=[ID], request=EndpointRequest, responses=EndpointAnswer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another address, other events, or a pause."""
        endpoint = endpoints.find(identify(request), pk)
        wishes = self.read(request, partial=True)
        return Response(encode_endpoint(endpoints.change_endpoint(endpoint, **wishes)))

    @extend_schema(parameters=[ID], responses={200: OpenApiTypes.OBJECT})
    def destroy(self, request: Request, pk: str) -> Response:
        """The endpoint and the log of its deliveries."""
        endpoint = endpoints.find(identify(request), pk)
        audit.record("webhook.delete", actor=identify(request).user_id, target=str(endpoint.pk))
        endpoint.delete()
        return Response({"status": "success"})

    @extend_schema(parameters=[ID], request=None, responses=DeliveryAnswer)
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        """Send a message that only shows whether the address works."""
        endpoint = endpoints.find(identify(request), pk)
        return Response(encode_delivery(messages.plan_ping(endpoint)))

    @extend_schema(parameters=[ID], responses=DeliveryAnswer(many=True))
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """The newest 100 deliveries."""
        endpoint = endpoints.find(identify(request), pk)
        rows = endpoint.deliveries.all()[: endpoints.SHOWN]
        return Response({"deliveries": [encode_delivery(row) for row in rows]})

    @extend_schema(parameters=[ID, DELIVERY], request=None, responses=DeliveryAnswer)
    @action(detail=True, methods=["post"], url_path=rf"deliveries/(?P<delivery>{UUID})/redeliver")
    def redeliver(self, request: Request, pk: str, delivery: str) -> Response:
        """The same message once more, under the same id."""
        endpoint = endpoints.find(identify(request), pk)
        row = endpoints.find_delivery(endpoint, delivery)
        return Response(encode_delivery(messages.plan_again(row)))

    def read(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        form = EndpointRequest(data=request.data, partial=partial)
        form.is_valid(raise_exception=True)
        wishes: dict[str, Any] = form.validated_data
        return wishes
