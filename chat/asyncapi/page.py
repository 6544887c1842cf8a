"""``/asyncapi.yaml``."""

import yaml
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.asyncapi.document import describe


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    """The description of the WebSocket, for programs that read such files."""
    document = describe(request.get_host(), is_secure=request.is_secure())
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")
