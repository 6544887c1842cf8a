"""What staff does in the admin, in the audit log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from intellibooks import audit
from intellibooks.origins import SAFE_METHODS

PLACE = "/admin/"
LOGIN = "/admin/login/"  # the password check keeps its own entry
REFUSED = 400


class AuditAdmin:
    """Django middleware; what was changed is in the admin's own history."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_act = request.path.startswith(PLACE) and request.method not in SAFE_METHODS
        if not is_act or request.path.startswith(LOGIN):
            return self.get_response(request)
        actor = request.user.get_username()  # before: a logout ends with nobody
        response = self.get_response(request)
        outcome = audit.ALLOWED if response.status_code < REFUSED else audit.DENIED
        facts = {"method": str(request.method), "act": request.POST.get("action", "")[:64]}
        audit.record("admin", actor=actor, target=request.path, outcome=outcome, **facts)
        return response
